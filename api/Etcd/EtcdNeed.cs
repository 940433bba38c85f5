using RestKv.Api.Security.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Etcd;

/// <summary>
/// What a call that is answered without the log asks of its caller. Every such call states it; what goes through the log is judged
/// there. A closed set.
/// </summary>
internal abstract record EtcdNeed
{
    /// <summary>A token that is shown must be good, and none is needed: clients ask for the members before they log in.</summary>
    public static readonly EtcdNeed Nothing = new NothingNeed();

    /// <summary>To be somebody.</summary>
    public static readonly EtcdNeed Identity = new IdentityNeed();

    /// <summary>To run the cluster.</summary>
    public static readonly EtcdNeed Admin = new AdminNeed();

    /// <summary>To look at users and roles.</summary>
    public static readonly EtcdNeed Root = new RootNeed();

    private EtcdNeed()
    {
    }

    /// <summary>To read every key of a range.</summary>
    public static EtcdNeed Read(KeyRange range) => new ReadNeed(range);

    /// <summary>Every right that a tree of requests needs.</summary>
    public static EtcdNeed Request(Operation request) => new RequestNeed(request);

    /// <exception cref="EtcdFault">It is missing.</exception>
    public abstract void Check(EtcdAuthority authority, Principal principal);

    private sealed record NothingNeed : EtcdNeed
    {
        public override void Check(EtcdAuthority authority, Principal principal)
        {
        }
    }

    private sealed record IdentityNeed : EtcdNeed
    {
        public override void Check(EtcdAuthority authority, Principal principal) => authority.Judge(principal);
    }

    private sealed record AdminNeed : EtcdNeed
    {
        public override void Check(EtcdAuthority authority, Principal principal) => authority.CheckAdmin(principal);
    }

    private sealed record RootNeed : EtcdNeed
    {
        public override void Check(EtcdAuthority authority, Principal principal) => authority.CheckRoot(principal);
    }

    private sealed record ReadNeed(KeyRange Range) : EtcdNeed
    {
        public override void Check(EtcdAuthority authority, Principal principal) => authority.CheckRead(principal, Range);
    }

    private sealed record RequestNeed(Operation Operation) : EtcdNeed
    {
        public override void Check(EtcdAuthority authority, Principal principal) => authority.CheckRequest(principal, Operation);
    }
}
