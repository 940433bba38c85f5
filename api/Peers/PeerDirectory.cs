using System.Collections.Frozen;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// Who the other members are and where they are found: first from the list that was configured, later from the cluster's own
/// table. Immutable parts are swapped, so it is read from any thread; <see cref="Changed"/> is raised on the thread that changed
/// it, whose handlers must not block.
/// </summary>
internal sealed class PeerDirectory(NodeId self)
{
    // A lock and not a queue: two writers swap a small table, nobody waits for anything inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, PeerAddress> _learned = [];
    private FrozenDictionary<NodeId, PeerAddress> _known = FrozenDictionary<NodeId, PeerAddress>.Empty;
    private FrozenSet<NodeId> _removed = [];

    public event Action? Changed;

    /// <summary>The other members, in no order.</summary>
    public IReadOnlyCollection<PeerAddress> Others => Volatile.Read(ref _known).Values;

    public PeerAddress? Find(NodeId member) => Volatile.Read(ref _known).GetValueOrDefault(member);

    public bool IsRemoved(NodeId member) => Volatile.Read(ref _removed).Contains(member);

    /// <summary>
    /// Takes the whole table anew. This member may be in it; removed ids are spoken with no more. Who called and is not in the
    /// table stays: a member that lags sees the table as it was, and must go on answering the one it gets it from.
    /// </summary>
    public void Update(IEnumerable<PeerAddress> members, IEnumerable<NodeId> removed)
    {
        lock (_gate)
        {
            Volatile.Write(ref _removed, removed.ToFrozenSet());
            var known = members.Where(member => member.Id != self && !_removed.Contains(member.Id)).ToDictionary(member => member.Id);
            foreach (var (id, learned) in _learned.ToArray())
            {
                if (_removed.Contains(id) || !known.TryAdd(id, learned))
                {
                    _learned.Remove(id);
                }
            }

            Volatile.Write(ref _known, known.ToFrozenDictionary());
        }

        Changed?.Invoke();
    }

    /// <summary>
    /// A member of this cluster called that the table does not have: this member lags behind the table. It must be able to answer
    /// all the same, or it could never catch up.
    /// </summary>
    public void Learn(NodeId member, string address)
    {
        if (Find(member) is not null
            || !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            return;
        }

        lock (_gate)
        {
            if (member == self || _removed.Contains(member) || _known.ContainsKey(member) || _known.Count >= Membership.MembersMax)
            {
                return;
            }

            _learned[member] = new PeerAddress(member, member.ToString(), [url]);
            var known = _known.Values.Append(_learned[member]);
            Volatile.Write(ref _known, known.ToFrozenDictionary(peer => peer.Id));
        }

        Changed?.Invoke();
    }
}
