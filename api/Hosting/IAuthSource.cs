using RestKv.Core.Auth;

namespace RestKv.Api.Hosting;

/// <summary>Who may do what, as this member knows it. Callable from any thread; costs a read.</summary>
internal interface IAuthSource
{
    /// <summary>Of the state that was published last: never older than a view that was handed out before.</summary>
    AuthTable Auth { get; }

    /// <summary>
    /// Cluster time now, as far as this member can tell: that of the last applied entry and the time since. While nobody leads it
    /// runs ahead of the cluster's, so what ends by it ends early rather than late.
    /// </summary>
    long ClusterTimeMs { get; }

    /// <summary>Index of the last applied entry.</summary>
    long AppliedIndex { get; }
}
