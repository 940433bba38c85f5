using System.Collections.Immutable;
using Google.Protobuf.Collections;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;
using CoreMember = RestKv.Core.Members.Member;
using Member = RestKv.Api.Etcd.Messages.Member;

namespace RestKv.Api.Etcd.Calls;

/// <summary>
/// The service Cluster. A member that is to vote begins as a learner and votes once it has caught up, without a second call: so
/// adding one that never starts costs no majority. Headers have no revision here.
/// </summary>
internal sealed class ClusterCalls(EtcdNode etcd, NodeOptions options)
{
    public async ValueTask<MemberListResponse> ListAsync(MemberListRequest request, EtcdCall call)
    {
        await etcd.ReadAsync(call, isSerializable: !request.Linearizable, EtcdNeed.Nothing);
        var response = new MemberListResponse { Header = etcd.Header(0) };
        response.Members.AddRange(All());
        return response;
    }

    public async ValueTask<MemberAddResponse> AddAsync(MemberAddRequest request, EtcdCall call)
    {
        await etcd.CheckAsync(call, EtcdNeed.Admin);
        var urls = Urls(request.PeerURLs);
        // etcd allows one at a time.
        if (request.IsLearner && List.Members.Any(member => member.Wanted == MemberRole.Learner))
        {
            throw new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: too many learner members in cluster");
        }

        var wanted = request.IsLearner ? MemberRole.Learner : MemberRole.Voter;
        var result = await etcd.SubmitAsync(new Command.MemberAdd(NodeId.None, "", urls, wanted, NodeId.None), call);
        var response = new MemberAddResponse { Header = etcd.Header(0) };
        response.Members.AddRange(All());
        if (result is OperationResult.MemberChanged changed)
        {
            response.Member = response.Members.FirstOrDefault(member => member.ID == (ulong)changed.Id.Value);
        }

        return response;
    }

    public async ValueTask<MemberRemoveResponse> RemoveAsync(MemberRemoveRequest request, EtcdCall call)
    {
        await etcd.SubmitAsync(new Command.MemberRemove(IdOf(request.ID)), call);
        var response = new MemberRemoveResponse { Header = etcd.Header(0) };
        response.Members.AddRange(All());
        return response;
    }

    public async ValueTask<MemberUpdateResponse> UpdateAsync(MemberUpdateRequest request, EtcdCall call)
    {
        var urls = Urls(request.PeerURLs);
        await etcd.SubmitAsync(new Command.MemberUpdate(IdOf(request.ID), urls), call);
        var response = new MemberUpdateResponse { Header = etcd.Header(0) };
        response.Members.AddRange(All());
        return response;
    }

    public async ValueTask<MemberPromoteResponse> PromoteAsync(MemberPromoteRequest request, EtcdCall call)
    {
        // One that was added a moment ago through another member is known here after this.
        await etcd.ReadAsync(call, isSerializable: false, EtcdNeed.Admin);
        if (List.Find(IdOf(request.ID)) is { Wanted: MemberRole.Voter })
        {
            throw new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: can only promote a learner member");
        }

        await etcd.SubmitAsync(new Command.MemberPromote(IdOf(request.ID)), call);
        var response = new MemberPromoteResponse { Header = etcd.Header(0) };
        response.Members.AddRange(All());
        return response;
    }

    private MemberList List => etcd.Node.Status.Members;

    /// <summary>
    /// Clients go to the addresses they find here. In the first moments of a member the cluster has not heard yet where it serves, or
    /// that it is there at all; it knows by itself.
    /// </summary>
    private IEnumerable<Member> All()
    {
        var status = etcd.Node.Status;
        var list = status.Members;
        var self = list.Find(status.MemberId) ?? new CoreMember(
            status.MemberId, options.Name, Texts(options.InitialAdvertisePeerUrls), [], MemberRole.Voter, 0, NodeId.None);
        if (self.ClientUrls.IsEmpty && !list.Removed.Contains(self.Id))
        {
            list = list.With(self with { Name = options.Name, ClientUrls = Texts(options.AdvertiseClientUrls) });
        }

        return list.Members.Select(Of);
    }

    private static ImmutableArray<string> Texts(IReadOnlyList<Uri> urls) =>
        [.. urls.Select(url => url.GetLeftPart(UriPartial.Authority))];

    private static Member Of(CoreMember known)
    {
        var member = new Member
        {
            ID = (ulong)known.Id.Value,
            Name = known.Name,
            IsLearner = known.Wanted == MemberRole.Learner,
        };
        member.PeerURLs.AddRange(known.PeerUrls);
        member.ClientURLs.AddRange(known.ClientUrls);
        return member;
    }

    private static NodeId IdOf(ulong id) => new((long)id);

    /// <summary>Addresses as members have them: scheme, host and port, and nothing behind.</summary>
    private static ImmutableArray<string> Urls(RepeatedField<string> texts)
    {
        if (texts.Count == 0)
        {
            throw EtcdFaults.MemberUrls();
        }

        var urls = ImmutableArray.CreateBuilder<string>(texts.Count);
        foreach (var text in texts)
        {
            if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) || !IsAddress(text.Trim(), url))
            {
                throw EtcdFaults.MemberUrls();
            }

            urls.Add(url.GetLeftPart(UriPartial.Authority));
        }

        urls.Sort(StringComparer.Ordinal);
        return [.. urls.Distinct()];
    }

    private static bool IsAddress(string text, Uri url)
    {
        var rest = text.IndexOf("://", StringComparison.Ordinal) is var scheme and > 0 ? text[(scheme + 3)..] : "";
        var port = rest.LastIndexOf(':');
        return (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Host.Length > 0 && url.UserInfo.Length == 0
            && port > 0 && ushort.TryParse(rest.AsSpan(port + 1), out _);
    }
}
