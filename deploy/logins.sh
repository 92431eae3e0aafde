#!/bin/sh
# Makes the three logins and the database, once, where PostgreSQL's image starts on an empty volume.
set -eu
psql -v ON_ERROR_STOP=1 --username postgres \
  -v owner="$OWNER_PASSWORD" -v application="$APPLICATION_PASSWORD" -v service="$SERVICE_PASSWORD" <<'SQL'
CREATE ROLE khaibao_owner LOGIN PASSWORD :'owner';
CREATE ROLE khaibao_app LOGIN PASSWORD :'application';
CREATE ROLE khaibao_service LOGIN PASSWORD :'service';
CREATE DATABASE khaibao OWNER khaibao_owner;
SQL
