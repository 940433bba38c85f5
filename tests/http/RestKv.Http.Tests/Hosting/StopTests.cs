using RestKv.Api.Hosting;
using RestKv.Core.Commands;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Http.Tests.Hosting;

/// <summary>How a replica ends: cleanly, whatever it was about.</summary>
public sealed class StopTests
{
    private const int NoSpace = 28;

    [Fact]
    public async Task A_stop_while_the_disk_is_full_is_clean_and_keeps_what_was_acknowledged()
    {
        using var folder = new TempFolder();
        var isFull = false;
        var refusals = 0;
        var acknowledged = 0L;
        await using (var rig = new HostRig(folder, Refuse))
        {
            await rig.StartAsync();
            acknowledged = Revision(await PutAsync(rig, 10));
            Volatile.Write(ref isFull, true);
            var waiting = Enumerable.Range(0, 8).Select(_ => PutAsync(rig, 900_000)).ToList();
            await Eventually.TrueAsync(() => Volatile.Read(ref refusals) > 0, "the log cannot grow");

            await rig.StopAsync();

            Assert.Null(rig.Fault);
            foreach (var reply in await Task.WhenAll(waiting))
            {
                acknowledged = Math.Max(acknowledged, Revision(reply));
            }
        }

        await using var next = new HostRig(folder);
        await next.StartAsync();
        var barrier = await next.Node.ReadBarrierAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.InRange(Raft.Invariant.NotNull(barrier.View).Revision, acknowledged, long.MaxValue);
        await next.StopAsync();

        int Refuse(string operation, string path)
        {
            if (operation != "create" || !Volatile.Read(ref isFull))
            {
                return 0;
            }

            if (Thread.CurrentThread.Name == "wal")
            {
                Interlocked.Increment(ref refusals);
            }

            return NoSpace;
        }
    }

    [Fact]
    public async Task Nobody_who_asks_at_the_end_waits_for_ever()
    {
        using var folder = new TempFolder();
        await using var rig = new HostRig(folder);
        await rig.StartAsync();
        var node = rig.Node;
        var waiting = node.WaitForRevisionAsync(1_000_000, TimeSpan.FromHours(1), CancellationToken.None).AsTask();

        await rig.StopAsync();
        var question = node.QueryAsync(new TableQuery(), CancellationToken.None).AsTask();
        var late = node.WaitForRevisionAsync(1_000_000, TimeSpan.FromHours(1), CancellationToken.None).AsTask();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question.WaitAsync(Eventually.Deadline));
        Assert.False(await waiting.WaitAsync(Eventually.Deadline));
        Assert.False(await late.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task Disposing_without_a_stop_ends_whoever_uses_the_store_first()
    {
        using var folder = new TempFolder();
        var services = new HostRig(folder);
        await services.StartAsync();

        await services.DisposeAsync();

        // The lock on the directory is free, and nobody has met a closed file on the way.
        Assert.Null(services.Fault);
        await using var next = new HostRig(folder);
        await next.StartAsync();
        await next.StopAsync();
    }

    [Fact]
    public void Disposing_the_maintenance_waits_for_it()
    {
        using var folder = new TempFolder();
        using var store = ReplicaStore.Open(
            new PhysicalFileSystem(folder.Path),
            new StoreOptions { Fresh = FirstIdentity.Of(new NodeOptions()), SegmentBytes = 1 << 20 });
        using var mailbox = new ReplicaMailbox();
        var faults = new List<Exception>();
        var maintenance = new MaintenanceWorker(store, mailbox, TimeProvider.System, faults.Add);
        maintenance.Start();

        maintenance.Dispose();

        Assert.False(maintenance.IsRunning);
        Assert.Empty(faults);
    }

    private static Task<SubmitReply> PutAsync(HostRig rig, int bytes) => rig.Node.SubmitAsync(
        new Command.Write(new Operation.Put("k"u8.ToArray(), new byte[bytes])),
        new SubmitOptions("", TimeSpan.FromMinutes(1)),
        CancellationToken.None).AsTask();

    private static long Revision(SubmitReply reply) => reply.Result is OperationResult.Put put ? put.Revision : 0;
}
