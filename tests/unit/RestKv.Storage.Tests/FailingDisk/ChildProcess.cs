using System.Globalization;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Storage.Wal;

namespace RestKv.Storage.Tests.FailingDisk;

/// <summary>
/// What <see cref="FailingDiskTests"/> starts as a process of its own: a store on the real file system that appends, says
/// what is acknowledged, and ends with exit code 74 when the disk fails, as the product does.
/// </summary>
internal static class ChildProcess
{
    public const int DiskFailed = 74;
    public const int Entries = 40;

    public static int Main(string[] arguments)
    {
        try
        {
            Append(arguments[0]);
            return 0;
        }
        catch (StorageIoException e)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"failed {e.Operation} {e.ErrorNumber}"));
            return DiskFailed;
        }
    }

    private static void Append(string directory)
    {
        using var store = ReplicaStore.Open(new PhysicalFileSystem(directory), Stores.Options);
        for (var index = 1; index <= Entries; index++)
        {
            var entry = new Entry(new LogIndex(index), Term.Zero, EntryKind.Command, new byte[100 + index]);
            store.Log.Append(new PersistBatch(new PersistMark(index, entry.Index, entry.Term), null, [entry], null, true));
            try
            {
                store.Log.Flush();
            }
            catch (StorageIoException)
            {
                InsistInVain(store.Log);
                throw;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"acknowledged {index}"));
        }
    }

    /// <summary>A later flush would succeed on this disk; it must not come to that.</summary>
    private static void InsistInVain(WalWriter log)
    {
        try
        {
            Console.WriteLine($"acknowledged {log.Flush().Sequence} after the failure");
        }
        catch (WalPoisonedException)
        {
            Console.WriteLine("poisoned");
        }
    }
}
