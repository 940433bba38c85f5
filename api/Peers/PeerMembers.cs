using RestKv.Core.Members;

namespace RestKv.Api.Peers;

/// <summary>
/// Keeps the directory in line with the cluster's own list. Members that the list does not have yet are taken from the
/// configuration. Called on the replica thread.
/// </summary>
internal sealed class PeerMembers(PeerDirectory directory, PeerMemory memory, IReadOnlyList<PeerAddress> configured)
{
    private MemberList _seen = MemberList.Empty;

    public void Begin() => directory.Update(configured, []);

    public void Update(MemberList list)
    {
        if (ReferenceEquals(list, _seen))
        {
            return;
        }

        _seen = list;
        memory.Learn(list);
        var listed = list.Members.Select(AddressOf).Where(address => address.Urls.Count > 0).ToArray();
        var others = configured.Where(address => Array.TrueForAll(listed, known => known.Id != address.Id));
        directory.Update(listed.Concat(others), list.Removed);
    }

    private static PeerAddress AddressOf(Member member) => new(
        member.Id,
        member.Name,
        [.. member.PeerUrls.Select(url => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : null).OfType<Uri>()]);
}
