using System.Security.Cryptography;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// What is behind a backup that came through etcd's API: zeros up to a whole number of sectors, then a SHA-256 of everything
/// before. etcd's tools refuse to save anything else.
/// </summary>
public static class BackupPadding
{
    private const int SectorBytes = 512;
    private const int BufferBytes = 1 << 20;

    /// <summary>Length of a backup with its zeros.</summary>
    public static long LengthWith(long bytes) => (bytes + SectorBytes - 1) / SectorBytes * SectorBytes;

    /// <summary>Whether a file is as long as a padded backup is; a backup by itself may be so by chance.</summary>
    internal static bool IsPossible(long fileBytes) =>
        fileBytes > SectorBytes && fileBytes % SectorBytes == SHA256.HashSizeInBytes;

    /// <summary>
    /// Where the backup in a padded file ends; 0 when there is none. The footer has a check sum and says how long the backup is, so
    /// nothing is taken for one by mistake.
    /// </summary>
    internal static long FindEnd(IFile file)
    {
        var padded = file.Length - SHA256.HashSizeInBytes;
        var from = Math.Max(0, padded - SectorBytes - SnapshotFormat.FooterBytes);
        var tail = new byte[padded - from];
        file.ReadAt(from, tail);
        for (var end = tail.Length; end >= SnapshotFormat.FooterBytes; end--)
        {
            if (SnapshotFooter.TryRead(tail.AsSpan(end - SnapshotFormat.FooterBytes, SnapshotFormat.FooterBytes), out var footer, out _)
                && SnapshotFormat.FileBytes(footer.DataBytes) == from + end)
            {
                return from + end;
            }
        }

        return 0;
    }

    /// <summary>Whether the digest at the end of a padded file is that of what is before it.</summary>
    internal static bool IsIntact(IFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var padded = file.Length - SHA256.HashSizeInBytes;
        for (var offset = 0L; offset < padded;)
        {
            var read = file.ReadAt(offset, buffer.AsSpan(0, (int)Math.Min(BufferBytes, padded - offset)));
            if (read == 0)
            {
                return false;
            }

            hash.AppendData(buffer.AsSpan(0, read));
            offset += read;
        }

        var digest = buffer.AsSpan(0, SHA256.HashSizeInBytes);
        return file.ReadAt(padded, digest) == digest.Length && hash.GetHashAndReset().AsSpan().SequenceEqual(digest);
    }
}
