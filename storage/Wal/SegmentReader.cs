using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// Reads a segment through one window of memory. Sectors the disk cannot read come back as bytes that pass no check, so
/// that an unreadable sector is judged by the same rules as a damaged one: it may be the torn end of the log.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private const int WindowBytesMax = 256 << 10;
    private const byte UnreadableByte = 0xEE;

    private readonly IFile _file;
    private byte[] _window;
    private long _windowOffset;
    private int _windowLength;

    public SegmentReader(IFileSystem files, string path)
    {
        _file = files.Open(path, writable: false);
        Length = _file.Length;
        _window = new byte[(int)Math.Min(WindowBytesMax, Length)];
    }

    public long Length { get; }

    /// <summary>The bytes at an offset, fewer at the end of the file. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(long offset, int count)
    {
        Invariant.Check(offset >= 0);
        count = (int)Math.Min(count, Math.Max(0, Length - offset));
        if (count == 0)
        {
            return [];
        }

        if (offset < _windowOffset || offset + count > _windowOffset + _windowLength)
        {
            Fill(offset, count);
        }

        return _window.AsSpan((int)(offset - _windowOffset), count);
    }

    public void Dispose() => _file.Dispose();

    private void Fill(long offset, int count)
    {
        if (count > _window.Length)
        {
            _window = new byte[WalFormat.AlignToSector(count)];
        }

        _windowOffset = offset;
        _windowLength = (int)Math.Min(_window.Length, Length - offset);
        var window = _window.AsSpan(0, _windowLength);
        try
        {
            window = window[_file.ReadAt(offset, window)..];
        }
        catch (StorageIoException e) when (e.ErrorNumber == ErrorNumbers.InputOutput)
        {
            FillBySector(offset, window);
            return;
        }

        window.Fill(UnreadableByte); // nothing, unless the file shrank meanwhile
    }

    private void FillBySector(long offset, Span<byte> window)
    {
        while (!window.IsEmpty)
        {
            var step = (int)Math.Min(window.Length, WalFormat.SectorBytes - (offset % WalFormat.SectorBytes));
            var sector = window[..step];
            try
            {
                sector = sector[_file.ReadAt(offset, sector)..];
            }
            catch (StorageIoException e) when (e.ErrorNumber == ErrorNumbers.InputOutput)
            {
            }

            sector.Fill(UnreadableByte);
            offset += step;
            window = window[step..];
        }
    }
}
