#!/bin/sh
# Make a random password for each part, in deploy/secrets/, which git ignores; those that are there stay.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
for name in postgres_password mlflow_database_password optuna_database_password mlflow_admin_password mlflow_flask_key \
    s3_access_key s3_secret_key; do
    [ -s "secrets/$name" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "secrets/$name"
done
[ -s secrets/s3_config.json ] || printf '{"identities": [{"name": "mlflow", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}\n' \
    "$(cat secrets/s3_access_key)" "$(cat secrets/s3_secret_key)" > secrets/s3_config.json
# The images run as users of their own, who must read what is mounted; the folder stays closed to others of this machine.
chmod 644 secrets/*
chmod 700 secrets
echo "the administrator of MLflow is admin; the password is in $(pwd)/secrets/mlflow_admin_password."
