using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// Keeps the directory in line with the cluster's own list. Members that the list does not have yet are taken from the
/// configuration. Called on the replica thread.
/// </summary>
internal sealed class PeerMembers(PeerDirectory directory, PeerMemory memory, IReadOnlyList<PeerAddress> configured)
{
    private MemberList _seen = MemberList.Empty;
    private Membership _settled = Membership.Empty;

    public void Begin() => directory.Update(configured, []);

    /// <param name="settled">The newest committed membership known here: who is in it is spoken with, removed from the list or not.</param>
    public void Update(MemberList list, Membership settled)
    {
        if (ReferenceEquals(list, _seen) && ReferenceEquals(settled, _settled))
        {
            return;
        }

        var gone = list.Removed.Where(id => list.IsGone(id, settled));
        (_seen, _settled) = (list, settled);
        memory.Learn(list);
        var listed = list.Members.Select(AddressOf).Where(address => address.Urls.Count > 0).ToArray();
        var others = configured.Where(address => Array.TrueForAll(listed, known => known.Id != address.Id));
        directory.Update(listed.Concat(others).Concat(Leaving(list, settled)).DistinctBy(address => address.Id), gone);
    }

    /// <summary>Off the list, but still voters: where they are was known before.</summary>
    private IEnumerable<PeerAddress> Leaving(MemberList list, Membership settled) => settled.Voters.AddRange(settled.Learners)
        .Where(id => list.Removed.Contains(id)).Select(directory.Find).OfType<PeerAddress>();

    private static PeerAddress AddressOf(Member member) => new(
        member.Id,
        member.Name,
        [.. member.PeerUrls.Select(url => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : null).OfType<Uri>()]);
}
