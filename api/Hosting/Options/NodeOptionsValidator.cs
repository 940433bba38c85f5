using System.Net;
using FluentValidation;
using RestKv.Raft;

namespace RestKv.Api.Hosting.Options;

/// <summary>What must hold for the values and between them, beyond their syntax. Messages are read by operators.</summary>
internal sealed class NodeOptionsValidator : AbstractValidator<NodeOptions>
{
    private const long MinimumQuotaBytes = 1 << 20;
    private const long MinimumSegmentBytes = 1 << 20;
    private const long LargestSegmentBytes = 1 << 30;
    private const long LargestRequestBytes = 64 << 20;

    public NodeOptionsValidator()
    {
        RuleFor(options => options.Name).Matches("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
            .WithMessage("must be 1 to 63 letters, digits, dots, dashes or underscores, and start with a letter or digit");
        RuleFor(options => options.InitialClusterToken).Matches("^[!-~]{1,128}$")
            .WithMessage("must be 1 to 128 visible ASCII characters");
        AddAddressRules();
        AddCertificateRules();
        AddClusterRules();
        AddSizeRules();
        AddTimeRules();
        RuleFor(options => options.HostWhitelist)
            .Must(names => names.All(name => name == "*" || Uri.CheckHostName(name) is not UriHostNameType.Unknown))
            .WithMessage("must be host names without scheme and port, or *");
        RuleFor(options => options.CorsOrigins)
            .Must(origins => origins.All(IsOrigin))
            .WithMessage("must be exact origins such as https://app.example: scheme, host and port, no * and no path");
    }

    private void AddAddressRules()
    {
        RuleFor(options => options.ListenClientUrls).Must(urls => urls.All(IsBindable))
            .WithMessage("must be IP addresses or localhost: listening on a name would listen on every address");
        RuleFor(options => options.ListenPeerUrls).Must(urls => urls.All(IsBindable))
            .WithMessage("must be IP addresses or localhost: listening on a name would listen on every address");
        RuleFor(options => options.AdvertiseClientUrls).Must(urls => !urls.Any(OptionDefaults.IsWildcard))
            .WithMessage("cannot be 0.0.0.0 or [::]: nobody can connect there");
        RuleFor(options => options.InitialAdvertisePeerUrls).Must(urls => !urls.Any(OptionDefaults.IsWildcard))
            .WithMessage("cannot be 0.0.0.0 or [::]: nobody can connect there");
        RuleFor(options => options.ListenClientUrls)
            .Must((options, urls) => options.Insecure || options.ClientCertAuth || urls.All(url => url.IsLoopback))
            .WithMessage(RefuseExposure + "Ask clients for certificates (cert-file, key-file, trusted-ca-file, client-cert-auth), " + ElseAccept);
        RuleFor(options => options.ListenPeerUrls)
            .Must((options, urls) => options.Insecure || IsMutual(options) || urls.All(url => url.IsLoopback))
            .WithMessage(RefuseExposure + "Give the members certificates (peer-cert-file, peer-key-file, peer-trusted-ca-file), " + ElseAccept);
    }

    private const string RefuseExposure =
        "would let anyone who reaches this address read and write everything, because nobody is asked who they are. ";

    private const string ElseAccept = "listen on loopback, or accept it with --insecure (RESTKV_INSECURE=1)";

    private static bool IsMutual(NodeOptions options) => options.PeerCertFile.Length > 0 && options.PeerClientCertAuth;

    /// <summary>What a certificate needs beside it, and that addresses say by their scheme whether there is one.</summary>
    private void AddCertificateRules()
    {
        RuleFor(options => options.KeyFile).Must((options, file) => (file.Length > 0) == (options.CertFile.Length > 0))
            .WithMessage("must be given together with cert-file");
        RuleFor(options => options.TrustedCaFile).Must((options, file) => file.Length == 0 || options.CertFile.Length > 0)
            .WithMessage("has no meaning without cert-file: only over TLS can clients show certificates");
        RuleFor(options => options.ClientCertAuth).Must((options, isAsked) => !isAsked || options.TrustedCaFile.Length > 0)
            .WithMessage("needs trusted-ca-file: whose certificates are good?");
        RuleFor(options => options.ListenClientUrls).Must((options, urls) => urls.All(url => IsSecure(url) == (options.CertFile.Length > 0)))
            .WithMessage("must be https:// with cert-file and key-file, and http:// without (`restkv certs` makes certificates)");
        RuleFor(options => options.PeerKeyFile).Must((options, file) => (file.Length > 0) == (options.PeerCertFile.Length > 0))
            .WithMessage("must be given together with peer-cert-file");
        RuleFor(options => options.PeerTrustedCaFile).Must((options, file) => (file.Length > 0) == (options.PeerCertFile.Length > 0))
            .WithMessage("must be given together with peer-cert-file: members know each other by their authority");
        RuleFor(options => options.ListenPeerUrls).Must(IsPeerScheme).WithMessage(PeerScheme);
        RuleFor(options => options.InitialAdvertisePeerUrls).Must(IsPeerScheme).WithMessage(PeerScheme);
        RuleFor(options => options.InitialCluster)
            .Must((options, members) => IsPeerScheme(options, [.. members.SelectMany(member => member.PeerUrls)])).WithMessage(PeerScheme);
    }

    private const string PeerScheme = "must be https:// with peer-cert-file and peer-key-file, "
        + "and http:// without (`restkv certs` makes certificates)";

    private static bool IsPeerScheme(NodeOptions options, IReadOnlyList<Uri> urls) =>
        urls.All(url => IsSecure(url) == (options.PeerCertFile.Length > 0));

    private static bool IsSecure(Uri url) => url.Scheme == Uri.UriSchemeHttps;

    private void AddClusterRules()
    {
        RuleFor(options => options.InitialCluster)
            .Must((options, members) => members.Any(member => member.Name == options.Name))
            .WithMessage(options => $"does not list this member, whose name is \"{options.Name}\"");
        RuleFor(options => options.InitialCluster)
            .Must(members => members.Count <= Membership.MembersMax)
            .WithMessage($"lists more than {Membership.MembersMax} members");
        RuleFor(options => options.InitialCluster)
            .Must(members => members.SelectMany(member => member.PeerUrls).GroupBy(url => url).All(urls => urls.Count() == 1))
            .WithMessage("gives one address to two members");
        RuleFor(options => options.InitialAdvertisePeerUrls)
            .Must((options, urls) => options.InitialCluster.FirstOrDefault(member => member.Name == options.Name) is not { } own
                || own.PeerUrls.ToHashSet().SetEquals(urls))
            .WithMessage("differs from what initial-cluster says for this member");
        RuleFor(options => options.InitialClusterState)
            .Must((options, state) => state == InitialClusterState.New || options.InitialCluster.Any(member => member.Name != options.Name))
            .WithMessage("existing means joining a running cluster: initial-cluster must list a member that can be asked");
    }

    private void AddSizeRules()
    {
        RuleFor(options => options.QuotaBackendBytes).GreaterThanOrEqualTo(MinimumQuotaBytes).WithMessage("must be at least 1MiB");
        RuleFor(options => options.WalSegmentBytes).InclusiveBetween(MinimumSegmentBytes, LargestSegmentBytes)
            .WithMessage("must be from 1MiB to 1GiB");
        RuleFor(options => options.SnapshotWalBytes).GreaterThanOrEqualTo(MinimumSegmentBytes).WithMessage("must be at least 1MiB");
        RuleFor(options => options.MaxRequestBytes).InclusiveBetween(1, LargestRequestBytes).WithMessage("must be from 1B to 64MiB");
        RuleFor(options => options.MaxValueBytes).Must((options, bytes) => bytes >= 1 && bytes <= options.MaxRequestBytes)
            .WithMessage("must be at least 1B and at most max-request-bytes");
        RuleFor(options => options.MaxWatches).GreaterThanOrEqualTo(1).WithMessage("must be at least 1");
        RuleFor(options => options.MaxConcurrentStreams).GreaterThanOrEqualTo(1).WithMessage("must be at least 1");
    }

    private void AddTimeRules()
    {
        RuleFor(options => options.HeartbeatInterval)
            .InclusiveBetween(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(5)).WithMessage("must be from 10ms to 5s");
        RuleFor(options => options.ElectionTimeout)
            .Must((options, timeout) => timeout >= options.HeartbeatInterval * 5 && timeout <= TimeSpan.FromSeconds(50))
            .WithMessage("must be at least five heartbeat intervals and at most 50s");
        RuleFor(options => options.AuthTokenTtl)
            .InclusiveBetween(TimeSpan.FromSeconds(10), TimeSpan.FromDays(1)).WithMessage("must be from 10s to 1d");
        RuleFor(options => options.ShutdownTimeout)
            .InclusiveBetween(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)).WithMessage("must be from 1s to 5m");
        RuleFor(options => options.WatchProgressNotifyInterval)
            .InclusiveBetween(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24)).WithMessage("must be from 100ms to 24h");
    }

    /// <summary>Kestrel takes an unknown name to mean every address, which is the opposite of what the operator wrote.</summary>
    private static bool IsBindable(Uri url) => url.Host == "localhost" || IPAddress.TryParse(url.DnsSafeHost, out _);

    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && url.GetLeftPart(UriPartial.Authority) == origin;
}
