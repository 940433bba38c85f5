namespace RestKv.Api.Peers;

/// <summary>The peer could be reached and would not speak with us, or could not be reached in time; the message says why.</summary>
internal sealed class PeerRefusedException(string message, PeerRefusalKind kind = PeerRefusalKind.Stranger) : IOException(message)
{
    public PeerRefusalKind Kind => kind;
}
