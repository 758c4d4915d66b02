"""A Pinecone-compatible vector index on one machine, for the unmodified Pinecone SDKs."""
