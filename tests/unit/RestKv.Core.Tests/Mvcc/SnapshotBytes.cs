using RestKv.Core.Mvcc;
using RestKv.Core.Replication;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>A snapshot in memory. Reads come in small, odd pieces: a source may do that.</summary>
internal sealed class SnapshotBytes(byte[] bytes) : ISnapshotSource
{
    private int _at;

    /// <summary>Bytes that were not read.</summary>
    public int Left => bytes.Length - _at;

    public int PieceMax { get; init; } = 4099;

    public static byte[] Of(ReadView view)
    {
        var sink = new Sink();
        MvccSnapshot.Write(view, sink);
        return [.. sink.Bytes];
    }

    public static MvccState Restore(byte[] bytes, MvccOptions? options = null) =>
        MvccSnapshot.Read(new SnapshotBytes(bytes), options ?? MvccOptions.Default);

    public int Read(Span<byte> into)
    {
        var length = Math.Min(Math.Min(into.Length, PieceMax), Left);
        bytes.AsSpan(_at, length).CopyTo(into);
        _at += length;
        return length;
    }

    private sealed class Sink : ISnapshotSink
    {
        public List<byte> Bytes { get; } = [];

        public void Write(ReadOnlySpan<byte> bytes) => Bytes.AddRange(bytes);
    }
}
