#!/usr/bin/env python3
"""Holds YAML files against a JSON Schema as an editor does, by YAML 1.2: dates are text, and so are yes and no.

validate.py SCHEMA FILE...: a line for each file that does not fit, with its first fault; status 1 where there is one, 77
where Python's yaml or jsonschema is not there."""
import json
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)


class Loader(yaml.SafeLoader):
    pass


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith((":timestamp", ":bool", ":int"))]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
bad = 0
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        try:
            fault = jsonschema.exceptions.best_match(validator.iter_errors(yaml.load(file, Loader)))
        except yaml.YAMLError:
            print(f"{path}: no YAML")
            bad = 1
            continue
    if fault:
        print(f"{path}: {fault.json_path}: {fault.message[:200]}")
        bad = 1
sys.exit(bad)
