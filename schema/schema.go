// Package schema holds the JSON Schema (draft-07) of the configuration, version 1. It validates files here and completes them in editors.
package schema

import _ "embed"

// URL is where editors find the schema; it is the $id of the document.
const URL = "https://raw.githubusercontent.com/nixbuild/nixbuild-checks/main/schema/nixbuild-checks.schema.json"

// JSON is the schema as it is published.
//
//go:embed nixbuild-checks.schema.json
var JSON string
