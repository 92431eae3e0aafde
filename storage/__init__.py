"""Where the bytes of photos and certificates lie: a folder, or a store that speaks S3, GCS or Azure."""
