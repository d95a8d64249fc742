#!/bin/sh
# Make the databases and their users: MLflow's runs, its users of the server, Optuna's trials. The passwords reach psql by
# its environment and are quoted by it. PostgreSQL's image runs this once, when its volume is empty.
set -eu
secret() { cat "${FER_SECRETS:-/run/secrets}/$1"; }
MLFLOW=$(secret mlflow_database_password) OPTUNA=$(secret optuna_database_password)
export MLFLOW OPTUNA
psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv mlflow MLFLOW
\getenv optuna OPTUNA
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow';
CREATE ROLE optuna LOGIN PASSWORD :'optuna';
CREATE DATABASE mlflow OWNER mlflow;
CREATE DATABASE users OWNER mlflow;
CREATE DATABASE optuna OWNER optuna;
REVOKE CONNECT ON DATABASE mlflow, users, optuna FROM PUBLIC;
SQL
