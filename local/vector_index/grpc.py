"""Refuses gRPC clients, with the explanation that this index speaks REST.

A gRPC client begins with HTTP/2, which the server does not speak otherwise.
"""

from urllib.parse import quote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from h2.exceptions import ProtocolError
from uvicorn.protocols.http.h11_impl import H11Protocol

# https://www.rfc-editor.org/rfc/rfc9113#section-3.4
_PREFACE = b"PRI * HTTP/2.0"
# https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses
_REFUSAL = [
    (":status", "200"),
    ("content-type", "application/grpc"),
    ("grpc-status", "12"),  # UNIMPLEMENTED
    ("grpc-message", quote("this local index speaks REST only: use Pinecone, not PineconeGRPC")),
]


class RestProtocol(H11Protocol):
    """HTTP/1.1, and a refusal of every call that comes over HTTP/2."""

    _http2: H2Connection | None = None

    def data_received(self, data: bytes) -> None:
        """Pass HTTP/1.1 to uvicorn, and answer HTTP/2 here."""
        if self._http2 is None and data.startswith(_PREFACE):
            self._unset_keepalive_if_required()
            self._http2 = H2Connection(H2Configuration(client_side=False))
            self._http2.initiate_connection()
        if self._http2 is None:
            super().data_received(data)
        else:
            self._refuse(self._http2, data)

    def _refuse(self, connection: H2Connection, data: bytes) -> None:
        try:
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    connection.send_headers(event.stream_id, _REFUSAL, end_stream=True)
        except ProtocolError:
            self.transport.close()
        else:
            self.transport.write(connection.data_to_send())
