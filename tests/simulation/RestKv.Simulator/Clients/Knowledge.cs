using RestKv.Core.Model;

namespace RestKv.Simulator.Clients;

/// <summary>What the clients of a run have been told so far, so that they ask about things that exist.</summary>
internal sealed class Knowledge
{
    private const int LeasesKept = 12;

    public Dictionary<string, KeyValue> Entries { get; } = new(StringComparer.Ordinal);

    public List<LeaseId> Leases { get; } = [];

    public List<string> IdempotencyKeys { get; } = [];

    public long Revision { get; set; } = 1;

    public void AddLease(LeaseId id)
    {
        Leases.Add(id);
        if (Leases.Count > LeasesKept)
        {
            Leases.RemoveAt(0);
        }
    }
}
