"""The setup function: the custom resource that CloudFormation creates the Pinecone index with."""

from __future__ import annotations

from functools import partial

from aws_lambda_powertools.utilities.parameters import get_secret
from pinecone import Pinecone

from image_search import s3_connection
from setup_function import IndexSetup, create_handler

# The secret is read again each time, because whoever deploys again may have corrected it.
handler = create_handler(
    IndexSetup(s3_connection.client(), partial(get_secret, force_fetch=True), Pinecone)
)
