#!/usr/bin/env bash
# Writes the schemas of reports and of configurations anew from the types, their comments and the catalogue.
set -euo pipefail
cd "$(dirname "$0")/.."
ANODYNE_WRITE_SCHEMA=1 swift test --filter "ReportSchemaTests|PackImageTests"
git diff --stat -- Docs/schema
