using RestKv.Checkers.Model;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Checkers.Witness;

/// <summary>Says in words how an answer differs from what the contract demands; null when it does not.</summary>
public static class ReplyComparison
{
    public static string? Differ(Command command, ModelResult expected, OperationResult actual)
    {
        if (expected.Reasons.Count > 0)
        {
            return actual is OperationResult.Rejected rejected && expected.Reasons.Any(reason => IsReason(reason, rejected.Rejection))
                ? DifferNumber("revision", expected.Result.Revision, actual.Revision)
                : $"expected a rejection ({string.Join(" or ", expected.Reasons)}), got {Show(actual)}";
        }

        var operation = (command as Command.Write)?.Operation;
        return DifferNumber("revision", expected.Result.Revision, actual.Revision)
            ?? Differ(operation, expected.Result, actual);
    }

    /// <summary>Compares the answers to one operation, at any depth of a transaction.</summary>
    public static string? Differ(Operation? operation, OperationResult expected, OperationResult actual) => (expected, actual) switch
    {
        (OperationResult.Put want, OperationResult.Put got) =>
            DifferValue("created", want.Created, got.Created)
            ?? DifferValue("lease", want.Lease, got.Lease)
            ?? Differ(want.Previous, got.Previous),
        (OperationResult.Delete want, OperationResult.Delete got) =>
            DifferNumber("deleted", want.Deleted, got.Deleted) ?? DifferItems(want.Previous, got.Previous),
        (OperationResult.Get want, OperationResult.Get got) =>
            Differ((operation as Operation.Get)?.Request ?? new RangeRequest(KeyRange.All), want.Result, got.Result),
        (OperationResult.Txn want, OperationResult.Txn got) => Differ((Operation.Txn?)operation, want, got),
        (OperationResult.Compacted want, OperationResult.Compacted got) =>
            DifferNumber("compacted revision", want.CompactedRevision, got.CompactedRevision),
        (OperationResult.LeaseGranted want, OperationResult.LeaseGranted got) =>
            DifferValue("lease", want.Id, got.Id) ?? DifferNumber("ttl", want.TtlSeconds, got.TtlSeconds),
        (OperationResult.LeaseRenewed want, OperationResult.LeaseRenewed got) =>
            want.TtlSeconds.SequenceEqual(got.TtlSeconds)
                ? null
                : $"ttls: expected [{string.Join(", ", want.TtlSeconds)}], got [{string.Join(", ", got.TtlSeconds)}]",
        (OperationResult.LeaseRevoked want, OperationResult.LeaseRevoked got) =>
            DifferNumber("deleted keys", want.DeletedKeys, got.DeletedKeys),
        (OperationResult.OutcomeSettled want, OperationResult.OutcomeSettled got) =>
            DifferValue("status", want.Record.Status, got.Record.Status)
            ?? DifferNumber("settled revision", want.Record.Revision, got.Record.Revision),
        (OperationResult.RetentionSet want, OperationResult.RetentionSet got) =>
            DifferValue("retention", want.Retention, got.Retention),
        (OperationResult.AuthChanged want, OperationResult.AuthChanged got) =>
            DifferNumber("revision of rights", want.AuthRevision, got.AuthRevision),
        _ => $"expected {Show(expected)}, got {Show(actual)}",
    };

    /// <summary>Compares the answers to one range read. Entries that the sort order calls equal may come in any order.</summary>
    public static string? Differ(RangeRequest request, RangeResult expected, RangeResult actual)
    {
        if (DifferNumber("count", expected.Count, actual.Count) is { } count)
        {
            return count;
        }

        var isCut = request.BytesMax > 0 && actual.More && actual.Items.Count is > 0 && actual.Items.Count < expected.Items.Count;
        if (!isCut && DifferValue("more", expected.More, actual.More) is { } more)
        {
            return more;
        }

        var want = isCut ? expected.Items.Take(actual.Items.Count).ToList() : expected.Items;
        if (request.SortTarget == SortTarget.Key)
        {
            return DifferItems(want, actual.Items);
        }

        if (want.Count != actual.Items.Count)
        {
            return $"items: expected {want.Count}, got {actual.Items.Count}";
        }

        for (var i = 0; i < want.Count; i++)
        {
            if (!request.KeysOnly && KvModel.SortOrderOf(request, want[i], actual.Items[i]) != 0)
            {
                return $"item {i} is out of order: expected one like {Show(want[i])}, got {Show(actual.Items[i])}";
            }
        }

        // Ties at the edge of a page may fall either way, so members are compared only when nothing was cut off.
        return actual.More
            ? null
            : DifferItems([.. want.OrderBy(NameOf, StringComparer.Ordinal)], [.. actual.Items.OrderBy(NameOf, StringComparer.Ordinal)]);
    }

    public static string? Differ(ModelChange expected, Change actual)
    {
        if (expected.IsDelete != actual.IsDelete || expected.Cause != actual.Cause)
        {
            return $"expected {Show(expected)}, got cause {actual.Cause} at {actual.KeyValue.ModRevision}";
        }

        if (expected.IsDelete)
        {
            return DifferValue("key", expected.Name, Bytes.Name(actual.KeyValue.Key))
                ?? DifferNumber("revision", expected.Revision, actual.KeyValue.ModRevision);
        }

        return Differ(expected.Entry, actual.KeyValue);
    }

    public static string? Differ(KeyValue? expected, KeyValue? actual)
    {
        if (expected is not { } want || actual is not { } got)
        {
            return expected is null == actual is null ? null : $"expected {Show(expected)}, got {Show(actual)}";
        }

        var isSame = Bytes.Same(want.Key, got.Key) && Bytes.Same(want.Value, got.Value)
            && want.CreateRevision == got.CreateRevision && want.ModRevision == got.ModRevision
            && want.Version == got.Version && want.Lease == got.Lease
            && want.ModifiedAtMs == got.ModifiedAtMs && want.Author == got.Author;
        return isSame ? null : $"expected {Show(want)}, got {Show(got)}";
    }

    public static string Show(KeyValue? entry) => entry is { } one
        ? $"{Bytes.Name(one.Key)}={Bytes.Name(one.Value)} (mod {one.ModRevision}, create {one.CreateRevision}, version {one.Version}"
            + $", lease {one.Lease}, by '{one.Author}' at {one.ModifiedAtMs})"
        : "nothing";

    public static string Show(ModelChange change) => change.IsDelete
        ? $"{change.Cause} of {change.Name} at {change.Revision}.{change.Sub}"
        : $"put {Show(change.Entry)}";

    public static string Show(OperationResult result) => result switch
    {
        OperationResult.Get get => $"get at {get.Revision}: {string.Join("; ", get.Result.Items.Take(5).Select(item => Show(item)))}",
        OperationResult.Txn txn => $"txn at {txn.Revision}: {txn.Succeeded} [{string.Join(" | ", txn.Results.Select(Show))}]",
        OperationResult.Put put => $"put at {put.Revision}: created {put.Created}, lease {put.Lease}, previous {Show(put.Previous)}",
        _ => result.ToString(),
    };

    public static string Show(Command command) => command switch
    {
        Command.Write write => Show(write.Operation),
        _ => command.ToString(),
    };

    public static string Show(Operation operation) => operation switch
    {
        Operation.Put put => $"put {Bytes.Name(put.Key)}={Bytes.Name(put.Value)}",
        Operation.Delete delete => $"delete {Show(delete.Range)}",
        Operation.Get get => $"get {Show(get.Request.Range)} at {get.Request.Revision}",
        Operation.Txn txn => $"if [{string.Join(", ", txn.If.Select(Show))}] then [{string.Join(", ", txn.Then.Select(Show))}]"
            + $" else [{string.Join(", ", txn.Else.Select(Show))}]",
        _ => operation.ToString(),
    };

    private static string Show(Compare compare) =>
        $"{Show(compare.Range)} {compare.Target} {compare.Operator} {compare.Number}{Bytes.Name(compare.Bytes)}";

    private static string Show(KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => Bytes.Name(range.Start),
        KeyRangeKind.From => $"[{Bytes.Name(range.Start)}..",
        _ => $"[{Bytes.Name(range.Start)}..{Bytes.Name(range.End)})",
    };

    private static string NameOf(KeyValue entry) => Bytes.Name(entry.Key);

    private static bool IsReason(Rejection expected, Rejection actual) => expected.Code == actual.Code
        && (expected.Number == actual.Number || expected.Code is RejectionCode.LeaseExists or RejectionCode.DuplicateKey);

    private static string? Differ(Operation.Txn? operation, OperationResult.Txn want, OperationResult.Txn got)
    {
        if (DifferValue("succeeded", want.Succeeded, got.Succeeded) is { } branch)
        {
            return branch;
        }

        if (want.Results.Count != got.Results.Count)
        {
            return $"results: expected {want.Results.Count}, got {got.Results.Count}";
        }

        var taken = operation is null ? [] : want.Succeeded ? operation.Then : operation.Else;
        for (var i = 0; i < want.Results.Count; i++)
        {
            var inner = i < taken.Length ? taken[i] : null;

            // A nested transaction's own header says nothing (contract 2.6); the others carry the revision so far.
            var difference = inner is Operation.Txn || want.Results[i].Revision == got.Results[i].Revision
                ? Differ(inner, want.Results[i], got.Results[i])
                : $"revision: expected {want.Results[i].Revision}, got {got.Results[i].Revision}";
            if (difference is not null)
            {
                return $"result {i}: {difference}";
            }
        }

        return null;
    }

    private static string? DifferItems(IReadOnlyList<KeyValue> want, IReadOnlyList<KeyValue> got)
    {
        if (want.Count != got.Count)
        {
            return $"items: expected {want.Count} [{Names(want)}], got {got.Count} [{Names(got)}]";
        }

        for (var i = 0; i < want.Count; i++)
        {
            if (Differ(want[i], got[i]) is { } difference)
            {
                return $"item {i}: {difference}";
            }
        }

        return null;
    }

    private static string Names(IReadOnlyList<KeyValue> items) => string.Join(", ", items.Take(8).Select(NameOf));

    private static string? DifferNumber(string what, long want, long got) =>
        want == got ? null : $"{what}: expected {want}, got {got}";

    private static string? DifferValue<T>(string what, T want, T got) =>
        EqualityComparer<T>.Default.Equals(want, got) ? null : $"{what}: expected {want}, got {got}";
}
