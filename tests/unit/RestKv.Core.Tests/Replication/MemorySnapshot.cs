using RestKv.Core.Replication;

namespace RestKv.Core.Tests.Replication;

/// <summary>A snapshot in memory.</summary>
internal sealed class MemorySnapshot(params byte[] bytes) : ISnapshotSink, ISnapshotSource
{
    private readonly List<byte> _bytes = [.. bytes];
    private int _offset;

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    public int Read(Span<byte> into)
    {
        var count = Math.Min(into.Length, _bytes.Count - _offset);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes).Slice(_offset, count).CopyTo(into);
        _offset += count;
        return count;
    }

    public byte[] ToArray() => [.. _bytes];
}
