"""A triage protocol that this installation has published."""

from tortoise import fields
from tortoise.models import Model


class PublishedProtocol(Model):
    """A protocol's file as it was published; what was assessed by it must stay explainable, so it is never changed."""

    version = fields.CharField(max_length=64, primary_key=True)
    disease = fields.CharField(max_length=32)
    valid_from = fields.DateField()
    valid_to = fields.DateField(null=True)
    body = fields.TextField()
    published_at = fields.DatetimeField()

    class Meta:
        table = "protocol"
        indexes = (("disease", "valid_from"),)
