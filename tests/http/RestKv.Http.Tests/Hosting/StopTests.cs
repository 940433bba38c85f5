using Microsoft.Extensions.Logging.Abstractions;
using RestKv.Api.Hosting;
using RestKv.Core;
using RestKv.Core.Commands;
using RestKv.Core.Replication;
using RestKv.Raft;
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
        Assert.InRange(Invariant.NotNull(barrier.View).Revision, acknowledged, long.MaxValue);
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
    public async Task Who_is_posted_after_the_last_look_into_the_mailbox_is_refused_at_once()
    {
        using var folder = new TempFolder();
        await using var rig = new HostRig(folder);
        await rig.StartAsync();
        await rig.StopAsync();
        var read = PendingOperation.Rent(long.MaxValue, isRead: true);
        var write = PendingOperation.Rent(long.MaxValue, isRead: false);
        Task<SubmitReply>[] waiting = [read.Task.AsTask(), write.Task.AsTask()];

        Assert.True(rig.Mailbox.TryPost(ReplicaEvent.Read(read)));
        Assert.True(rig.Mailbox.TryPost(ReplicaEvent.Submit(write, new byte[10], grows: true)));

        foreach (var reply in await Task.WhenAll(waiting).WaitAsync(Eventually.Deadline))
        {
            Assert.Equal(new OperationResult.NotApplied(NotAppliedReason.ShuttingDown), reply.Result);
        }
    }

    [Fact]
    public async Task Requests_that_race_with_the_end_of_the_mailbox_are_all_answered()
    {
        using var mailbox = new ReplicaMailbox();
        using var begun = new CountdownEvent(2);
        var posting = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                var operation = PendingOperation.Rent(long.MaxValue, isRead: true);
                var answer = operation.Task.AsTask();
                mailbox.TryPost(ReplicaEvent.Read(operation));
                if (i == 0)
                {
                    begun.Signal();
                }

                await answer;
            }
        })).ToArray();

        // Each poster waits for an answer that only the end brings, and then goes on posting while that runs.
        begun.Wait();
        mailbox.Close();

        await Task.WhenAll(posting).WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task A_stop_gives_up_the_snapshot_that_is_being_written()
    {
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource();
        var written = 0;
        var files = new FaultyFileSystem(new PhysicalFileSystem(folder.Path), StopAfterTheFirstBlock);
        using var store = ReplicaStore.Open(
            files, new StoreOptions { Fresh = FirstIdentity.Of(new NodeOptions()), SegmentBytes = 1 << 20, ReserveBytes = 0 });
        using var mailbox = new ReplicaMailbox();
        var faults = new List<Exception>();
        using var snapshots = new SnapshotWorker(store, mailbox, NullLogger.Instance, faults.Add, (_, _) => { }, stop.Token);
        var machine = MachineWith(keys: 10);
        var mark = new SnapshotMark(new LogIndex(8), new Term(1), store.Image.Membership);

        snapshots.Save(machine.Capture(machine.Store.Publish()), mark, isUrgent: true);
        await snapshots.StopAsync().WaitAsync(Eventually.Deadline);

        Assert.Empty(faults);
        Assert.Equal(1, written);
        Assert.Empty(files.List("snapshots"));
        Assert.True(mailbox.TryTake(out var end));
        Assert.Equal((ReplicaEventKind.SnapshotSaved, -1L), (end.Kind, end.Number));

        int StopAfterTheFirstBlock(string operation, string path)
        {
            if (operation == "fdatasync" && path.StartsWith("snapshots/", StringComparison.Ordinal))
            {
                written++;
                stop.Cancel();
            }

            return 0;
        }
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

    private static KvStateMachine MachineWith(int keys)
    {
        var machine = new KvStateMachine(new MachineOptions());
        for (var index = 1; index <= keys; index++)
        {
            var put = new Operation.Put(BitConverter.GetBytes(index), new byte[900_000]);
            machine.Apply(index, Envelope.Encode(new ByteWriter(), 1, 1, index, "", default, 0, new Command.Write(put)));
        }

        return machine;
    }

    private static Task<SubmitReply> PutAsync(HostRig rig, int bytes) => rig.Node.SubmitAsync(
        new Command.Write(new Operation.Put("k"u8.ToArray(), new byte[bytes])),
        new SubmitOptions("", TimeSpan.FromMinutes(1)),
        CancellationToken.None).AsTask();

    private static long Revision(SubmitReply reply) => reply.Result is OperationResult.Put put ? put.Revision : 0;
}
