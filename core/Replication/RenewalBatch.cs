using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Core.Replication;

/// <summary>Keep-alives that share one log entry.</summary>
internal sealed class RenewalBatch
{
    private readonly List<(object Token, int Count)> _parts = [];

    public List<LeaseId> Leases { get; } = [];

    public void Add(object token, IReadOnlyList<LeaseId> leases)
    {
        _parts.Add((token, leases.Count));
        Leases.AddRange(leases);
    }

    public void Complete(IReplicaEffects effects, OperationResult result)
    {
        var offset = 0;
        foreach (var (token, count) in _parts)
        {
            var part = result is OperationResult.LeaseRenewed renewed
                ? renewed with { TtlSeconds = renewed.TtlSeconds.Skip(offset).Take(count).ToArray() }
                : result;
            offset += count;
            effects.Complete(new Completion(token, part, false, false));
        }
    }
}
