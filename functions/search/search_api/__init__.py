"""The HTTP API of image search: its requests, responses, errors and how they are routed."""
