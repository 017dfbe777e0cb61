#!/usr/bin/env bash
# Writes Docs/schema/report.schema.json anew from the types, their comments and the catalogue.
set -euo pipefail
cd "$(dirname "$0")/.."
ANODYNE_WRITE_SCHEMA=1 swift test --filter ReportSchemaTests
git diff --stat -- Docs/schema
