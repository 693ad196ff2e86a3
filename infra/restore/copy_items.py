"""Copies the items of a restored DynamoDB table back into the table that the functions use.

`make restore FROM=… TO=…` calls it; docs/OPERATIONS.md says when. Items that the target still has are left as they are,
because they may have changed since; OVERWRITE=1 replaces them too. It can be run again, and changes nothing in FROM.
"""

import os
import sys

import boto3
from botocore.exceptions import ClientError


def copy(source, target, overwrite):
    """Answers how many items were written and how many were left as they are."""
    client = boto3.client("dynamodb")
    schemas = [client.describe_table(TableName=name)["Table"]["KeySchema"] for name in (source, target)]
    if schemas[0] != schemas[1]:
        sys.exit(f"{source} and {target} have different keys: {schemas[0]} and {schemas[1]}")
    unless_there = {}
    if not overwrite:
        key = next(part["AttributeName"] for part in schemas[1] if part["KeyType"] == "HASH")
        unless_there = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": key},
        }
    written = left = 0
    for page in client.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
        for item in page["Items"]:
            try:
                client.put_item(TableName=target, Item=item, **unless_there)
                written += 1
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                left += 1
    return written, left


def main():
    if len(sys.argv) != 3 or not all(sys.argv[1:]):
        sys.exit("usage: copy_items.py FROM TO")
    written, left = copy(sys.argv[1], sys.argv[2], os.environ.get("OVERWRITE") == "1")
    print(f"{written} items written to {sys.argv[2]}, {left} that it has were left as they are")


if __name__ == "__main__":
    main()
