using static RestKv.Api.Hosting.Options.OptionDefinition;

namespace RestKv.Api.Hosting.Options;

/// <summary>All options of `serve`, in the order the help shows them. Names are etcd's where the meaning is etcd's.</summary>
internal static class OptionCatalog
{
    public static readonly IReadOnlyList<OptionDefinition> All =
    [
        .. Member(), .. Addresses(), .. FirstStart(), .. Storage(), .. Limits(), .. Security(), .. Timing(), .. Logging(),
    ];

    private static readonly Dictionary<string, OptionDefinition> ByName = All.ToDictionary(option => option.Name, StringComparer.Ordinal);

    public static OptionDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    public static OptionDefinition OfProperty(string property) => All.First(option => option.Property == property);

    /// <summary>The option a misspelt name may have meant, or null.</summary>
    public static string? Guess(string name)
    {
        var plain = Plain(name);
        return All.FirstOrDefault(option => Plain(option.Name) == plain)?.Name
            ?? All.FirstOrDefault(option => EditDistance.IsAtMostTwo(Plain(option.Name), plain))?.Name;
    }

    private static string Plain(string name) =>
        name.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    private static OptionDefinition[] Member() =>
    [
        Create("name", nameof(NodeOptions.Name), OptionGroup.Member, OptionSyntax.Text,
            options => options.Name, (options, value) => options with { Name = value },
            "Name of this member.", inEtcd: true),
        Create("data-dir", nameof(NodeOptions.DataDir), OptionGroup.Member, OptionSyntax.Directory,
            options => options.DataDir, (options, value) => options with { DataDir = value },
            "Directory that holds everything this member keeps. Made with mode 0700 when it is not there.", inEtcd: true),
    ];

    private static OptionDefinition[] Addresses() =>
    [
        Create("listen-client-urls", nameof(NodeOptions.ListenClientUrls), OptionGroup.Addresses, OptionSyntax.Urls,
            options => options.ListenClientUrls, (options, value) => options with { ListenClientUrls = value },
            "Addresses to serve clients on.", inEtcd: true),
        Create("advertise-client-urls", nameof(NodeOptions.AdvertiseClientUrls), OptionGroup.Addresses, OptionSyntax.Urls,
            options => options.AdvertiseClientUrls, (options, value) => options with { AdvertiseClientUrls = value },
            "Addresses clients are told. Default: the listening ones, with the host name for 0.0.0.0.", inEtcd: true),
        Create("listen-peer-urls", nameof(NodeOptions.ListenPeerUrls), OptionGroup.Addresses, OptionSyntax.Urls,
            options => options.ListenPeerUrls,
            (options, value) => options with { ListenPeerUrls = value, IsListenPeerUrlsGiven = true },
            "Addresses to serve the other members on. Opened when given, or when initial-cluster is.", inEtcd: true),
        Create("initial-advertise-peer-urls", nameof(NodeOptions.InitialAdvertisePeerUrls), OptionGroup.Addresses,
            OptionSyntax.Urls,
            options => options.InitialAdvertisePeerUrls, (options, value) => options with { InitialAdvertisePeerUrls = value },
            "Addresses the other members are told. Default: from initial-cluster, else as for clients.", inEtcd: true),
    ];

    private static OptionDefinition[] FirstStart() =>
    [
        Create("initial-cluster", nameof(NodeOptions.InitialCluster), OptionGroup.FirstStart, OptionSyntax.Members,
            options => options.InitialCluster,
            (options, value) => options with { InitialCluster = value, IsInitialClusterGiven = true },
            "All first members, the same on each: n1=http://host1:2380,n2=http://host2:2380,n3=http://host3:2380.", inEtcd: true),
        Create("initial-cluster-state", nameof(NodeOptions.InitialClusterState), OptionGroup.FirstStart,
            OptionSyntax.Choice<InitialClusterState>(),
            options => options.InitialClusterState, (options, value) => options with { InitialClusterState = value },
            "Whether the first start makes a cluster or joins one.", inEtcd: true),
        Create("initial-cluster-token", nameof(NodeOptions.InitialClusterToken), OptionGroup.FirstStart, OptionSyntax.Text,
            options => options.InitialClusterToken, (options, value) => options with { InitialClusterToken = value },
            "Part of the identity of a cluster that initial-cluster lists.", inEtcd: true),
    ];

    private static OptionDefinition[] Storage() =>
    [
        Create("quota-backend-bytes", nameof(NodeOptions.QuotaBackendBytes), OptionGroup.Storage, OptionSyntax.Size,
            options => options.QuotaBackendBytes, (options, value) => options with { QuotaBackendBytes = value },
            "Above this only deletes and compaction are taken. 0 means half of the memory limit seen at start.", inEtcd: true),
        Create("wal-segment-bytes", nameof(NodeOptions.WalSegmentBytes), OptionGroup.Storage, OptionSyntax.Size,
            options => options.WalSegmentBytes, (options, value) => options with { WalSegmentBytes = value },
            "Size of one preallocated file of the write-ahead log."),
        Create("snapshot-wal-bytes", nameof(NodeOptions.SnapshotWalBytes), OptionGroup.Storage, OptionSyntax.Size,
            options => options.SnapshotWalBytes, (options, value) => options with { SnapshotWalBytes = value },
            "Take a snapshot after this much log, or as much as the last snapshot has if that is more."),
        Create("retention-revisions", nameof(NodeOptions.RetentionRevisions), OptionGroup.Storage,
            OptionSyntax.Optional(OptionSyntax.Count),
            options => options.RetentionRevisions, (options, value) => options with { RetentionRevisions = value },
            "Newest revisions whose history always stays. When given, put in force at each start; at first 100000."),
        Create("retention-age", nameof(NodeOptions.RetentionAge), OptionGroup.Storage,
            OptionSyntax.Optional(OptionSyntax.Duration),
            options => options.RetentionAge, (options, value) => options with { RetentionAge = value },
            "Older history stays while it is younger than this. When given, put in force at each start; at first 1h."),
    ];

    private static OptionDefinition[] Limits() =>
    [
        Create("max-request-bytes", nameof(NodeOptions.MaxRequestBytes), OptionGroup.Limits, OptionSyntax.Size,
            options => options.MaxRequestBytes, (options, value) => options with { MaxRequestBytes = value },
            "Largest request body.", inEtcd: true),
        Create("max-value-bytes", nameof(NodeOptions.MaxValueBytes), OptionGroup.Limits, OptionSyntax.Size,
            options => options.MaxValueBytes, (options, value) => options with { MaxValueBytes = value },
            "Largest value."),
        Create("max-watches", nameof(NodeOptions.MaxWatches), OptionGroup.Limits, OptionSyntax.SmallCount,
            options => options.MaxWatches, (options, value) => options with { MaxWatches = value },
            "Watches open at a time."),
        Create("max-concurrent-streams", nameof(NodeOptions.MaxConcurrentStreams), OptionGroup.Limits, OptionSyntax.SmallCount,
            options => options.MaxConcurrentStreams, (options, value) => options with { MaxConcurrentStreams = value },
            "Requests at a time on one HTTP/2 connection, gRPC's included.", inEtcd: true),
    ];

    private static OptionDefinition[] Security() =>
    [
        Create("insecure", nameof(NodeOptions.Insecure), OptionGroup.Security, OptionSyntax.Switch,
            options => options.Insecure, (options, value) => options with { Insecure = value },
            "Accept listening beyond loopback without asking who is there, and without TLS."),
        Create("host-whitelist", nameof(NodeOptions.HostWhitelist), OptionGroup.Security, OptionSyntax.Names,
            options => options.HostWhitelist, (options, value) => options with { HostWhitelist = value },
            "Host names requests may use besides localhost, IP addresses and the advertised names; * takes any.", inEtcd: true),
        Create("cors-origins", nameof(NodeOptions.CorsOrigins), OptionGroup.Security, OptionSyntax.Names,
            options => options.CorsOrigins, (options, value) => options with { CorsOrigins = value },
            "Origins whose pages may call this server, such as https://app.example."),
        Create("auth-token-ttl", nameof(NodeOptions.AuthTokenTtl), OptionGroup.Security, OptionSyntax.Duration,
            options => options.AuthTokenTtl, (options, value) => options with { AuthTokenTtl = value },
            "How long the token of a login lasts after its last use.", inEtcd: true),
        Create("audit-log", nameof(NodeOptions.AuditLog), OptionGroup.Security, OptionSyntax.File,
            options => options.AuditLog, (options, value) => options with { AuditLog = value },
            "File for a line about each change of users, rights and the cluster, each login and what was denied."),
        Create("audit-writes", nameof(NodeOptions.AuditWrites), OptionGroup.Security, OptionSyntax.Switch,
            options => options.AuditWrites, (options, value) => options with { AuditWrites = value },
            "Lines about all other writes, too."),
        .. Certificates(),
    ];

    private static OptionDefinition[] Certificates() =>
    [
        Create("cert-file", nameof(NodeOptions.CertFile), OptionGroup.Security, OptionSyntax.File,
            options => options.CertFile, (options, value) => options with { CertFile = value },
            "Certificate for clients (PEM), intermediates behind it. Then client addresses are https://.", inEtcd: true),
        Create("key-file", nameof(NodeOptions.KeyFile), OptionGroup.Security, OptionSyntax.File,
            options => options.KeyFile, (options, value) => options with { KeyFile = value },
            "Its key (PEM, not encrypted).", inEtcd: true),
        Create("trusted-ca-file", nameof(NodeOptions.TrustedCaFile), OptionGroup.Security, OptionSyntax.File,
            options => options.TrustedCaFile, (options, value) => options with { TrustedCaFile = value },
            "Authorities whose certificates clients may show.", inEtcd: true),
        Create("client-cert-auth", nameof(NodeOptions.ClientCertAuth), OptionGroup.Security, OptionSyntax.Switch,
            options => options.ClientCertAuth, (options, value) => options with { ClientCertAuth = value },
            "Refuse clients that show no certificate.", inEtcd: true),
        Create("peer-cert-file", nameof(NodeOptions.PeerCertFile), OptionGroup.Security, OptionSyntax.File,
            options => options.PeerCertFile, (options, value) => options with { PeerCertFile = value },
            "Certificate for the other members, as server and client. Then peer addresses are https://.", inEtcd: true),
        Create("peer-key-file", nameof(NodeOptions.PeerKeyFile), OptionGroup.Security, OptionSyntax.File,
            options => options.PeerKeyFile, (options, value) => options with { PeerKeyFile = value },
            "Its key (PEM, not encrypted).", inEtcd: true),
        Create("peer-trusted-ca-file", nameof(NodeOptions.PeerTrustedCaFile), OptionGroup.Security, OptionSyntax.File,
            options => options.PeerTrustedCaFile, (options, value) => options with { PeerTrustedCaFile = value },
            "Authorities of the members' certificates.", inEtcd: true),
        Create("peer-client-cert-auth", nameof(NodeOptions.PeerClientCertAuth), OptionGroup.Security, OptionSyntax.Switch,
            options => options.PeerClientCertAuth, (options, value) => options with { PeerClientCertAuth = value },
            "Refuse members that show no certificate, where peer addresses are https://.", inEtcd: true),
    ];

    private static OptionDefinition[] Timing() =>
    [
        Create("heartbeat-interval", nameof(NodeOptions.HeartbeatInterval), OptionGroup.Timing, OptionSyntax.Milliseconds,
            options => options.HeartbeatInterval, (options, value) => options with { HeartbeatInterval = value },
            "Time between two heartbeats of a leader; a bare number is milliseconds.", inEtcd: true),
        Create("election-timeout", nameof(NodeOptions.ElectionTimeout), OptionGroup.Timing, OptionSyntax.Milliseconds,
            options => options.ElectionTimeout, (options, value) => options with { ElectionTimeout = value },
            "Silence after which an election starts, up to twice this; a bare number is milliseconds.", inEtcd: true),
        Create("watch-progress-notify-interval", nameof(NodeOptions.WatchProgressNotifyInterval), OptionGroup.Timing,
            OptionSyntax.Duration, options => options.WatchProgressNotifyInterval,
            (options, value) => options with { WatchProgressNotifyInterval = value },
            "Silence after which watches of etcd's clients that ask for it are told their place.", inEtcd: true),
        Create("shutdown-timeout", nameof(NodeOptions.ShutdownTimeout), OptionGroup.Timing, OptionSyntax.Duration,
            options => options.ShutdownTimeout, (options, value) => options with { ShutdownTimeout = value },
            "Time open requests get to end after SIGTERM."),
    ];

    private static OptionDefinition[] Logging() =>
    [
        Create("log-format", nameof(NodeOptions.LogFormat), OptionGroup.Logging, OptionSyntax.Choice<LogFormat>(),
            options => options.LogFormat, (options, value) => options with { LogFormat = value },
            "auto is text on a terminal and JSON lines otherwise."),
        Create("log-level", nameof(NodeOptions.LogLevel), OptionGroup.Logging, LogLevelText.Syntax,
            options => options.LogLevel, (options, value) => options with { LogLevel = value },
            "Lowest level that is logged.", inEtcd: true),
        Create("slow-request-threshold", nameof(NodeOptions.SlowRequestThreshold), OptionGroup.Logging, OptionSyntax.Duration,
            options => options.SlowRequestThreshold, (options, value) => options with { SlowRequestThreshold = value },
            "Log requests that take longer; 0 logs none."),
        Create("metrics-etcd-aliases", nameof(NodeOptions.MetricsEtcdAliases), OptionGroup.Logging, OptionSyntax.Switch,
            options => options.MetricsEtcdAliases, (options, value) => options with { MetricsEtcdAliases = value },
            "Show metrics also under etcd's names, for dashboards and alerts made for it."),
    ];
}
