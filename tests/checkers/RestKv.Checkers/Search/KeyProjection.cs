using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Core.Commands;

namespace RestKv.Checkers.Search;

/// <summary>
/// Cuts a history into one list of steps per key (Herlihy and Wing: a history is linearizable if it is so per object).
/// A transaction over several keys leaves a step on each, which is weaker than the whole; checker B judges the whole.
/// Revisions are not believed and not used; versions are, since a double apply shows in them.
/// </summary>
internal sealed class KeyProjection
{
    /// <summary>Stands for every value that nobody ever looks at: such writes are interchangeable.</summary>
    private const int UnseenValue = int.MaxValue;

    private readonly SortedDictionary<string, List<KeyStep>> _steps = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ranks = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Key, int Value), int> _writers = [];
    private readonly Dictionary<(string Key, int Value), long> _firstSeen = [];
    private readonly List<(HistoryOperation Operation, List<SortedDictionary<string, Footprint>> Paths)> _unknown = [];

    private KeyProjection()
    {
    }

    public static IReadOnlyDictionary<string, List<KeyStep>> Of(IReadOnlyList<HistoryOperation> operations)
    {
        var projection = new KeyProjection();
        projection.Rank(operations);
        foreach (var operation in operations)
        {
            projection.Project(operation);
        }

        projection.ProjectUnknown();
        foreach (var steps in projection._steps.Values)
        {
            HideUnseen(steps);
        }

        return projection._steps;
    }

    private void Rank(IReadOnlyList<HistoryOperation> operations)
    {
        var names = new NameCollector(_keys);
        foreach (var operation in operations)
        {
            names.Collect(operation);
        }

        foreach (var value in names.Values)
        {
            _ranks.Add(value, _ranks.Count);
        }
    }

    private void Project(HistoryOperation operation)
    {
        if (operation.Request is HistoryRequest.Submit { Command: Command.Write write }
            && (operation.Outcome == HistoryOutcome.Unknown || IsKept(operation)))
        {
            var paths = BlindPath.Of(write.Operation).Select(Blindly).ToList();
            _unknown.Add((operation, paths));
            foreach (var put in paths.SelectMany(PutsOf).Distinct())
            {
                _writers[put] = _writers.GetValueOrDefault(put) + 1;
            }

            AddLeaseEnds(operation, write.Operation);
        }

        if (operation.Outcome != HistoryOutcome.Ok || IsKept(operation) || operation.Reply is not HistoryReply.Result { Value: var result })
        {
            return;
        }

        var walker = new FootprintWalker(_keys, RankOf);
        switch (operation.Request, result)
        {
            case (HistoryRequest.Submit { Command: Command.Write known }, not OperationResult.Rejected):
                walker.Walk(known.Operation, result);
                AddLeaseEnds(operation, known.Operation);
                break;
            case (HistoryRequest.Read { Local: false } read, OperationResult.Get get):
                walker.WalkRange(read.Range, get.Result);
                break;
        }

        AddKnown(operation, walker.ByKey);
    }

    private void AddKnown(HistoryOperation operation, SortedDictionary<string, Footprint> footprints)
    {
        foreach (var put in PutsOf(footprints))
        {
            _writers[put] = _writers.GetValueOrDefault(put) + 1;
        }

        foreach (var (key, footprint) in footprints)
        {
            var rule = footprint.ToRule();
            if (rule.RequiredValue is >= 0 and var value)
            {
                var seen = _firstSeen.GetValueOrDefault((key, value), long.MaxValue);
                _firstSeen[(key, value)] = Math.Min(seen, operation.End);
            }

            Add(key, new KeyStep(operation.Id, operation.Start, operation.End, IsRequired: true, [rule]));
        }
    }

    /// <summary>A retried write of which only the fact is remembered: it happened before this answer, nobody says how.</summary>
    private static bool IsKept(HistoryOperation operation) =>
        operation is { Outcome: HistoryOutcome.Ok, Reply: HistoryReply.Result { Value: OperationResult.Kept } };

    /// <summary>
    /// An unanswered write whose value somebody saw did happen, before the first who saw it had ended, and on the path that
    /// writes this value. What nobody saw stays open for ever.
    /// </summary>
    private void ProjectUnknown()
    {
        foreach (var (operation, paths) in _unknown)
        {
            var isRequired = IsKept(operation);
            var end = isRequired ? operation.End : long.MaxValue;
            var possible = paths;
            foreach (var put in paths.SelectMany(PutsOf).Distinct())
            {
                if (_writers[put] == 1 && _firstSeen.TryGetValue(put, out var seen))
                {
                    end = Math.Min(end, seen);
                    possible = possible.FindAll(path => PutsOf(path).Contains(put));
                }
            }

            isRequired |= end != long.MaxValue;
            foreach (var key in possible.SelectMany(path => path.Keys).Distinct().Order(StringComparer.Ordinal))
            {
                var rules = possible
                    .Select(path => path.TryGetValue(key, out var footprint) ? footprint.ToRule() : new KeyRule([], null, KeyEffect.None))
                    .Where(rule => isRequired || rule.Effect != KeyEffect.None)
                    .DistinctBy(rule => rule.ToString())
                    .ToList();
                if (rules.Count == 0)
                {
                    continue;
                }

                Add(key, new KeyStep(operation.Id, operation.Start, Math.Max(end, operation.Start), isRequired, rules));
            }
        }
    }

    /// <summary>A key put under a lease may go by itself at any time after, once.</summary>
    private void AddLeaseEnds(HistoryOperation operation, Operation write)
    {
        switch (write)
        {
            case Operation.Put put when put.OwnTtlSeconds > 0 || !put.Lease.IsNone:
                var rule = new KeyRule([KeyCondition.Exists], null, KeyEffect.Delete);
                Add(Bytes.Name(put.Key), new KeyStep(-operation.Id, operation.Start, long.MaxValue, IsRequired: false, [rule]));
                break;
            case Operation.Txn txn:
                foreach (var inner in txn.Then.Concat(txn.Else))
                {
                    AddLeaseEnds(operation, inner);
                }

                break;
        }
    }

    private SortedDictionary<string, Footprint> Blindly(BlindPath path)
    {
        var walker = new FootprintWalker(_keys, RankOf);
        foreach (var (txn, succeeded) in path.Branches)
        {
            walker.WalkCompares(txn, succeeded);
        }

        foreach (var operation in path.Leaves)
        {
            walker.WalkBlindly(operation);
        }

        return walker.ByKey;
    }

    private static IEnumerable<(string Key, int Value)> PutsOf(SortedDictionary<string, Footprint> footprints) =>
        footprints.Where(pair => pair.Value.Effect == KeyEffect.Put).Select(pair => (pair.Key, pair.Value.Value));

    private static void HideUnseen(List<KeyStep> steps)
    {
        var conditions = steps.SelectMany(step => step.Rules).SelectMany(rule => rule.All.Concat(rule.NotAll ?? []))
            .Where(condition => condition.IsValue).ToList();
        if (conditions.Exists(condition => condition.Operator is CompareOperator.Greater or CompareOperator.Less))
        {
            return;
        }

        var seen = conditions.Select(condition => condition.Number).ToHashSet();
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Rules.Any(rule => rule.Effect == KeyEffect.Put && !seen.Contains(rule.Value)))
            {
                steps[i] = steps[i] with
                {
                    Rules = [.. steps[i].Rules.Select(rule =>
                        rule.Effect == KeyEffect.Put && !seen.Contains(rule.Value) ? rule with { Value = UnseenValue } : rule)],
                };
            }
        }
    }

    private int RankOf(ReadOnlyMemory<byte> value) => _ranks[Bytes.Name(value)];

    private void Add(string key, KeyStep step)
    {
        if (!_steps.TryGetValue(key, out var steps))
        {
            steps = [];
            _steps.Add(key, steps);
        }

        steps.Add(step);
    }
}
