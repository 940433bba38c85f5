using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Storage;

/// <summary>
/// The file <c>identity</c> (DESIGN.md, "Identity"): two slots of one sector, each with its own check sum. A start
/// overwrites the older one in place, which needs no new space, so that a member also starts on a full disk; a slot that
/// was torn or has decayed leaves the other.
/// </summary>
internal static class IdentityFile
{
    public const string FileName = "identity";
    public const string PartName = FileName + ".part";

    private const int SlotBytes = 512;
    private const int Slots = 2;
    private const int ChecksumOffset = 16;

    private static ReadOnlySpan<byte> Magic => "RESTKVID"u8;

    /// <summary>Reads the file; when only one slot is intact, the incarnation is counted as if the other had been newer.</summary>
    /// <exception cref="IdentityCorruptException">Neither slot is intact.</exception>
    /// <exception cref="DataDirectoryException">The file was written by a newer version.</exception>
    public static StoreIdentity Read(IFileSystem files)
    {
        using var file = files.Open(FileName, writable: false);
        var first = ReadSlot(files, file, 0);
        var second = ReadSlot(files, file, 1);
        if (first is not null && second is not null)
        {
            if (first with { Incarnation = second.Incarnation, LossKind = second.LossKind } != second)
            {
                throw new IdentityCorruptException(0, "its two slots contradict each other");
            }

            return first.Incarnation > second.Incarnation ? first : second;
        }

        var left = first ?? second ?? throw new IdentityCorruptException(0, "neither of its two slots is intact");

        // The lost slot held the number before this one, or the one after it, which may have been used.
        return left with { Incarnation = left.Incarnation + 1 };
    }

    /// <summary>Makes the file anew, aside and then under its name.</summary>
    public static void Create(IFileSystem files, SpaceReserve reserve, StoreIdentity identity)
    {
        reserve.Attempt(() => WritePart(files, identity));
        files.Rename(PartName, FileName);
        files.SyncDirectory(string.Empty);
    }

    /// <summary>Overwrites the slot that does not hold the newest incarnation.</summary>
    public static void Update(IFileSystem files, StoreIdentity identity)
    {
        using var file = files.Open(FileName, writable: true);
        file.WriteAt((identity.Incarnation % Slots) * SlotBytes, EncodeSlot(identity));
        file.Sync();
    }

    public static byte[] EncodeSlot(StoreIdentity identity)
    {
        var slot = new byte[SlotBytes];
        Magic.CopyTo(slot);
        BinaryPrimitives.WriteInt32LittleEndian(slot.AsSpan(8), identity.FormatVersion);
        BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(24), identity.Cluster.Value);
        BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(32), identity.Node.Value);
        BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(40), identity.Incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(slot.AsSpan(48), identity.Salt);
        slot[56] = identity.LossKind;
        BinaryPrimitives.WriteUInt32LittleEndian(slot.AsSpan(ChecksumOffset), Checksum(slot));
        return slot;
    }

    private static bool WritePart(IFileSystem files, StoreIdentity identity)
    {
        if (files.Exists(PartName))
        {
            files.Remove(PartName);
        }

        using var file = files.Create(PartName);
        for (var slot = 0; slot < Slots; slot++)
        {
            file.WriteAt(slot * SlotBytes, EncodeSlot(identity));
        }

        file.Sync();
        return true;
    }

    private static StoreIdentity? ReadSlot(IFileSystem files, IFile file, int slot)
    {
        var bytes = new byte[SlotBytes];
        try
        {
            if (file.ReadAt(slot * SlotBytes, bytes) < SlotBytes)
            {
                return null;
            }
        }
        catch (StorageIoException e) when (e.ErrorNumber == ErrorNumbers.InputOutput)
        {
            return null;
        }

        // Magic, version and check sum stand at the same place in every version, so that an older build can tell a newer
        // file from a damaged one.
        if (!bytes.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(ChecksumOffset)) != Checksum(bytes))
        {
            return null;
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        if (version > StoreIdentity.CurrentFormat)
        {
            throw new DataDirectoryException(
                $"{files.Root} was written by a newer version (format {version}; this build reads up to "
                + $"{StoreIdentity.CurrentFormat}): start that version, or a newer one");
        }

        return new StoreIdentity(
            new ClusterId(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24))),
            new NodeId(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32))),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40)),
            version)
        {
            Salt = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(48)),
            LossKind = bytes[56],
        };
    }

    private static uint Checksum(ReadOnlySpan<byte> slot)
    {
        var state = Crc32C.Update(Crc32C.Start, slot[..ChecksumOffset]);
        return ~Crc32C.Update(state, slot[(ChecksumOffset + sizeof(uint))..]);
    }
}
