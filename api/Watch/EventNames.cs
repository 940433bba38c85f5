namespace RestKv.Api.Watch;

/// <summary>Names of the events of a stream. Never `error`: a browser raises its own by that name.</summary>
internal static class EventNames
{
    public static ReadOnlySpan<byte> Open => "open"u8;

    public static ReadOnlySpan<byte> Put => "put"u8;

    public static ReadOnlySpan<byte> Delete => "delete"u8;

    public static ReadOnlySpan<byte> Progress => "progress"u8;

    public static ReadOnlySpan<byte> Synced => "synced"u8;

    public static ReadOnlySpan<byte> Reset => "reset"u8;

    public static ReadOnlySpan<byte> Compacted => "compacted"u8;

    public static ReadOnlySpan<byte> Problem => "problem"u8;

    public static ReadOnlySpan<byte> Closing => "closing"u8;
}
