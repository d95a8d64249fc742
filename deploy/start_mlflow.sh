#!/bin/sh
# Start `mlflow server` with authentication on 5000; secrets come from files and go on by the environment alone.
set -eu
secret() { cat "${FER_SECRETS:-/run/secrets}/$1"; }
PGPASSWORD=$(secret mlflow_database_password)
MLFLOW_AUTH_ADMIN_PASSWORD=$(secret mlflow_admin_password)
MLFLOW_FLASK_SERVER_SECRET_KEY=$(secret mlflow_flask_key)
export PGPASSWORD MLFLOW_AUTH_ADMIN_PASSWORD MLFLOW_FLASK_SERVER_SECRET_KEY
export MLFLOW_AUTH_CONFIG_PATH="${MLFLOW_AUTH_CONFIG_PATH:-/etc/mlflow/basic_auth.ini}"
export MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
# FER_ARTIFACTS names a folder in place of the S3 store.
if [ -z "${FER_ARTIFACTS:-}" ]; then
    AWS_ACCESS_KEY_ID=$(secret s3_access_key)
    AWS_SECRET_ACCESS_KEY=$(secret s3_secret_key)
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}"
    # Checksums of newer kinds, which boto3 adds by default, are Amazon's alone.
    export AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required
    python "$(dirname "$0")/make_bucket.py" "$FER_BUCKET"
    FER_ARTIFACTS="s3://$FER_BUCKET"
fi
# The addresses hold no password: PGPASSWORD is read by PostgreSQL's own library.
exec mlflow server --app-name basic-auth --host "${FER_LISTEN:-0.0.0.0}" --port "${FER_LISTEN_PORT:-5000}" \
    --workers "$FER_WORKERS" \
    --backend-store-uri "postgresql+psycopg2://mlflow@/mlflow" \
    --artifacts-destination "$FER_ARTIFACTS" \
    --allowed-hosts "$FER_HOST,$FER_HOST:$FER_PORT,127.0.0.1:${FER_LISTEN_PORT:-5000}" \
    --cors-allowed-origins "https://$FER_HOST:$FER_PORT"
