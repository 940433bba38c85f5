using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// The order of all requests that the store claims, put together from outside: each revision of its history belongs to the request
/// that wrote its unique value, or that was told this revision, or, for a delete that was never answered, to the one that began
/// first (whoever began later fits later places, too). Requests that changed nothing stand behind the revision they were told.
/// </summary>
internal sealed class ClaimedOrder
{
    private readonly Dictionary<int, HistoryOperation> _byId;
    private readonly Dictionary<long, HistoryOperation> _toldAt = [];
    private readonly List<HistoryOperation> _openDeletes;
    private readonly HashSet<int> _placed = [];
    private readonly Dictionary<string, LeaseId> _leaseOf = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    public ClaimedOrder(IReadOnlyList<HistoryOperation> operations, IReadOnlyList<StreamEvent> events)
    {
        _byId = operations.ToDictionary(operation => operation.Id);
        foreach (var operation in operations.Where(operation => operation.Outcome == HistoryOutcome.Ok && IsChange(operation)))
        {
            // Two that were told the same revision: one of them finds its place taken, and the checker says so.
            _toldAt.TryAdd(operation.Revision, operation);
        }

        _openDeletes = [.. operations.Where(operation => operation.Outcome == HistoryOutcome.Unknown && DeleteOf(operation) is not null)];
        List<(CommittedEntry Entry, long Start)> entries = [];
        foreach (var revision in events.GroupBy(change => change.Json.GetProperty("modRev").GetInt64()))
        {
            if (EntryOf(revision.Key, [.. revision]) is { } entry)
            {
                entries.Add((entry, long.MinValue));
            }
        }

        foreach (var operation in operations.Where(operation => operation.Outcome == HistoryOutcome.Ok && !_placed.Contains(operation.Id)))
        {
            if (operation.Request is HistoryRequest.Submit { Command: not Command.LeaseRenew } submit && !IsChange(operation))
            {
                entries.Add((new CommittedEntry(submit.Command, ModelContext.Empty, operation.Id, operation.Revision), operation.Start));
            }
        }

        Entries = [.. entries.OrderBy(pair => pair.Entry.Revision).ThenBy(pair => pair.Start).Select(pair => pair.Entry)];
    }

    public IReadOnlyList<CommittedEntry> Entries { get; }

    /// <summary>Leases whose end the history shows, with the wall time of the entry that ended them, in milliseconds.</summary>
    public List<(LeaseId Id, long WallMs, DeleteCause Cause)> Ends { get; } = [];

    /// <summary>Leases that had a key, so that their end shows.</summary>
    public HashSet<LeaseId> Leases { get; } = [];

    /// <summary>Changes that nobody asked for.</summary>
    public IReadOnlyList<string> Faults => _faults;

    private static bool IsChange(HistoryOperation operation) => operation.Reply is HistoryReply.Result
    {
        Value: OperationResult.Put or OperationResult.Delete { Deleted: > 0 } or OperationResult.Txn { Succeeded: true }
            or OperationResult.LeaseRevoked { DeletedKeys: > 0 },
    };

    private CommittedEntry? EntryOf(long revision, StreamEvent[] changes)
    {
        var context = new ModelContext { WallMs = changes[0].Json.GetProperty("modAt").GetDateTimeOffset().ToUnixTimeMilliseconds() };
        var key = changes[0].Json.GetProperty("key").GetString()!;
        if (changes.FirstOrDefault(change => change.Name == "put") is { } put)
        {
            NoteLeases(changes);
            return Place(_byId.GetValueOrDefault(ChaosHistory.IdOf(put.Json.GetProperty("value").GetString()!)), revision, context);
        }

        var lease = _leaseOf.GetValueOrDefault(key);
        switch (changes[0].Json.GetProperty("cause").GetString())
        {
            case "expire":
                Ends.Add((lease, context.WallMs, DeleteCause.Expire));
                return new CommittedEntry(new Command.LeaseExpire(lease), context with { ClusterMs = long.MaxValue }, null, revision);
            case "revoke":
                Ends.Add((lease, context.WallMs, DeleteCause.Revoke));
                return Place(_byId.Values.FirstOrDefault(operation => IsRevokeOf(operation, lease)), revision, context);
            default:
                return Place(_toldAt.GetValueOrDefault(revision) ?? TakeDelete(key), revision, context);
        }
    }

    private CommittedEntry? Place(HistoryOperation? operation, long revision, ModelContext context)
    {
        if (operation is not { Request: HistoryRequest.Submit submit })
        {
            _faults.Add($"revision {revision} was asked for by nobody");
            return null;
        }

        _placed.Add(operation.Id);
        return new CommittedEntry(submit.Command, context, operation.Id, revision);
    }

    private void NoteLeases(StreamEvent[] changes)
    {
        foreach (var change in changes)
        {
            var lease = change.Json.TryGetProperty("lease", out var id) ? ChaosCalls.LeaseOf(id.GetString()!) : LeaseId.None;
            _leaseOf[change.Json.GetProperty("key").GetString()!] = lease;
            if (!lease.IsNone)
            {
                Leases.Add(lease);
            }
        }
    }

    private HistoryOperation? TakeDelete(string key)
    {
        var found = _openDeletes.Find(operation => DeleteOf(operation) == key);
        if (found is not null)
        {
            _openDeletes.Remove(found);
        }

        return found;
    }

    private static string? DeleteOf(HistoryOperation operation) =>
        operation.Request is HistoryRequest.Submit { Command: Command.Write { Operation: Operation.Delete delete } }
            ? System.Text.Encoding.UTF8.GetString(delete.Range.Start.Span)
            : null;

    private static bool IsRevokeOf(HistoryOperation operation, LeaseId lease) =>
        operation.Request is HistoryRequest.Submit { Command: Command.LeaseRevoke revoke } && revoke.Id == lease;
}
