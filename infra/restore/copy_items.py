"""Copies the items of a restored DynamoDB table back into the table that the functions use.

`make restore FROM=… TO=…` calls it; docs/OPERATIONS.md says when. Items that the target still has are left as they are,
because they may have changed since. It can be run again, and changes nothing in FROM. Environment:

OVERWRITE=1  replaces items that the target has, too
ALERTS=1     copies pending alerts, too: an alert is deleted once it was sent, so that a copy of an earlier hour holds
             alerts that were sent long ago, and families would be told of those falls again
LIST=1       writes nothing and prints the keys of what it would write
"""

import os
import sys

import boto3
from botocore.exceptions import ClientError

# The partition of pending alerts in the table of notices: PENDING in shared/notices/src/alerts.rs.
PENDING_ALERTS = {"S": "alerts"}


class Target:
    """The table that is written to."""

    def __init__(self, client, name, key, overwrite):
        self.client = client
        self.name = name
        self.key = key
        self.overwrite = overwrite

    def key_of(self, item):
        return {name: item[name] for name in self.key}

    def wants(self, item):
        """Whether `put` would change anything."""
        there = self.client.get_item(TableName=self.name, Key=self.key_of(item), ConsistentRead=True).get("Item")
        return there is None or (self.overwrite and there != item)

    def put(self, item):
        """False where the target has the item, and keeps what it has."""
        condition = {}
        if not self.overwrite:
            condition = {
                "ConditionExpression": "attribute_not_exists(#key)",
                "ExpressionAttributeNames": {"#key": self.key[0]},
            }
        try:
            self.client.put_item(TableName=self.name, Item=item, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True


def copy(source, target, overwrite, alerts, only_list):
    """Answers how many items were written, how many were left as they are, and how many alerts were passed over."""
    client = boto3.client("dynamodb")
    schemas = [client.describe_table(TableName=name)["Table"]["KeySchema"] for name in (source, target)]
    if schemas[0] != schemas[1]:
        sys.exit(f"{source} and {target} have different keys: {schemas[0]} and {schemas[1]}")
    target = Target(client, target, [part["AttributeName"] for part in schemas[1]], overwrite)
    written = left = passed_over = 0
    for page in client.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
        for item in page["Items"]:
            if item.get("pk") == PENDING_ALERTS and not alerts:
                passed_over += 1
            elif not (target.wants(item) if only_list else target.put(item)):
                left += 1
            else:
                written += 1
                if only_list:
                    print(*(value for part in target.key_of(item).values() for value in part.values()))
    return written, left, passed_over


def main():
    if len(sys.argv) != 3 or not all(sys.argv[1:]):
        sys.exit("usage: copy_items.py FROM TO")
    source, target = sys.argv[1:]
    overwrite, alerts, only_list = (os.environ.get(name) == "1" for name in ("OVERWRITE", "ALERTS", "LIST"))
    written, left, passed_over = copy(source, target, overwrite, alerts, only_list)
    done = "would be written" if only_list else "written"
    print(f"{written} items {done} to {target}, {left} that it has were left as they are", file=sys.stderr)
    if passed_over:
        print(f"{passed_over} pending alerts were passed over: ALERTS=1 copies them", file=sys.stderr)


if __name__ == "__main__":
    main()
