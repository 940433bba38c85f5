using RestKv.Raft;

namespace RestKv.Testing;

/// <summary>Sparse bytes of a virtual file: pages that were never written are zeros and take no memory.</summary>
internal sealed class VirtualDiskContent
{
    private const int PageBytes = 4096;

    private readonly List<byte[]?> _pages = [];

    public long Length { get; private set; }

    public int Read(long offset, Span<byte> into)
    {
        var count = (int)Math.Clamp(Length - offset, 0, into.Length);
        for (var done = 0; done < count;)
        {
            var (page, within) = Locate(offset + done);
            var step = Math.Min(count - done, PageBytes - within);
            var target = into.Slice(done, step);
            if (_pages[page] is { } bytes)
            {
                bytes.AsSpan(within, step).CopyTo(target);
            }
            else
            {
                target.Clear();
            }

            done += step;
        }

        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> from)
    {
        if (offset + from.Length > Length)
        {
            SetLength(offset + from.Length);
        }

        for (var done = 0; done < from.Length;)
        {
            var (page, within) = Locate(offset + done);
            var step = Math.Min(from.Length - done, PageBytes - within);
            from.Slice(done, step).CopyTo((_pages[page] ??= new byte[PageBytes]).AsSpan(within));
            done += step;
        }
    }

    public void SetLength(long length)
    {
        Invariant.Check(length >= 0);
        var pages = (int)((length + PageBytes - 1) / PageBytes);
        if (pages < _pages.Count)
        {
            _pages.RemoveRange(pages, _pages.Count - pages);
        }

        while (_pages.Count < pages)
        {
            _pages.Add(null);
        }

        if (length < Length && length % PageBytes != 0 && _pages[^1] is { } last)
        {
            last.AsSpan((int)(length % PageBytes)).Clear();
        }

        Length = length;
    }

    public VirtualDiskContent Clone()
    {
        var copy = new VirtualDiskContent { Length = Length };
        foreach (var page in _pages)
        {
            copy._pages.Add((byte[]?)page?.Clone());
        }

        return copy;
    }

    private static (int Page, int Within) Locate(long offset) =>
        ((int)(offset / PageBytes), (int)(offset % PageBytes));
}
