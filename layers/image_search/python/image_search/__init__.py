"""Serverless image search: the library that the functions share."""
