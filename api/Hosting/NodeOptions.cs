using RestKv.Api.Security.Auth;

namespace RestKv.Api.Hosting;

/// <summary>
/// Everything one member is told at start: merged, checked and immutable. Made by `NodeOptionsLoader` from flags,
/// environment and file; tests make it directly. The defaults are those of `restkv serve` without arguments.
/// </summary>
public sealed record NodeOptions
{
    public const int ClientPort = 2379;

    public const int PeerPort = 2380;

    /// <summary>Name of this member, unique in the cluster.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Absolute path of the data directory.</summary>
    public string DataDir { get; init; } = Path.GetFullPath("restkv-data");

    /// <summary>Where clients are served. Port 0 takes a free one (tests).</summary>
    public IReadOnlyList<Uri> ListenClientUrls { get; init; } = [new($"http://127.0.0.1:{ClientPort}")];

    /// <summary>Where clients are told to go.</summary>
    public IReadOnlyList<Uri> AdvertiseClientUrls { get; init; } = [new($"http://127.0.0.1:{ClientPort}")];

    /// <summary>Where peers are served.</summary>
    public IReadOnlyList<Uri> ListenPeerUrls { get; init; } = [new($"http://127.0.0.1:{PeerPort}")];

    /// <summary>True when the operator said where to listen for peers.</summary>
    public bool IsListenPeerUrlsGiven { get; init; }

    /// <summary>
    /// A member that was told of others, or where to listen for them, listens from the start. One that was told nothing is a
    /// store of its own and takes no second port.
    /// </summary>
    public bool ListensForPeers => IsInitialClusterGiven || IsListenPeerUrlsGiven;

    /// <summary>Where peers find this member.</summary>
    public IReadOnlyList<Uri> InitialAdvertisePeerUrls { get; init; } = [new($"http://127.0.0.1:{PeerPort}")];

    /// <summary>All first members, this one included; read only when the data directory is new.</summary>
    public IReadOnlyList<InitialMember> InitialCluster { get; init; } =
        [new("default", [new($"http://127.0.0.1:{PeerPort}")])];

    /// <summary>
    /// True when the members were listed by the operator: then ids are drawn from the list, so that all members come to the
    /// same ones. Otherwise they are random, drawn at the first start and kept.
    /// </summary>
    public bool IsInitialClusterGiven { get; init; }

    public InitialClusterState InitialClusterState { get; init; } = InitialClusterState.New;

    /// <summary>Goes into the cluster's identity, so that two clusters made from one template never mix.</summary>
    public string InitialClusterToken { get; init; } = "restkv-cluster";

    /// <summary>Bytes the store may hold before it takes deletes and compaction only.</summary>
    public long QuotaBackendBytes { get; init; } = 2L << 30;

    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Shortest silence after which an election starts; the longest is twice that.</summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>Host names a request may carry besides the loopback names, IP literals and the advertised names; "*" allows any.</summary>
    public IReadOnlyList<string> HostWhitelist { get; init; } = [];

    /// <summary>Exact origins a browser may call from.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>The operator accepts listeners beyond loopback without authentication and without TLS.</summary>
    public bool Insecure { get; init; }

    /// <summary>Certificate for clients, with its intermediates; empty serves them in the clear.</summary>
    public string CertFile { get; init; } = "";

    public string KeyFile { get; init; } = "";

    /// <summary>Whose certificates clients may show; empty asks for none.</summary>
    public string TrustedCaFile { get; init; } = "";

    /// <summary>Clients without a certificate are refused.</summary>
    public bool ClientCertAuth { get; init; }

    /// <summary>Certificate for the other members, as a server and as a client; empty talks to them in the clear.</summary>
    public string PeerCertFile { get; init; } = "";

    public string PeerKeyFile { get; init; } = "";

    /// <summary>Whose certificates the other members show.</summary>
    public string PeerTrustedCaFile { get; init; } = "";

    /// <summary>Members without a certificate are refused.</summary>
    public bool PeerClientCertAuth { get; init; } = true;

    public LogFormat LogFormat { get; init; } = LogFormat.Auto;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Requests that take longer are logged as a warning; zero switches this off.</summary>
    public TimeSpan SlowRequestThreshold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Metrics are also shown under the names that dashboards and alerts made for etcd know.</summary>
    public bool MetricsEtcdAliases { get; init; }

    /// <summary>Size of one preallocated segment of the write-ahead log.</summary>
    public long WalSegmentBytes { get; init; } = 64L << 20;

    /// <summary>A snapshot is taken after this many bytes of log, or as many as the last snapshot has if that is more.</summary>
    public long SnapshotWalBytes { get; init; } = 64L << 20;

    /// <summary>
    /// History of the newest revisions that automatic compaction always leaves. When given it is put in force at each start;
    /// null leaves what the cluster has, which is 100000 at first.
    /// </summary>
    public long? RetentionRevisions { get; init; }

    /// <summary>Older history stays while it is younger than this. As above; one hour at first.</summary>
    public TimeSpan? RetentionAge { get; init; }

    /// <summary>Largest request body.</summary>
    public long MaxRequestBytes { get; init; } = 1_572_864;

    /// <summary>Largest value.</summary>
    public long MaxValueBytes { get; init; } = 1 << 20;

    /// <summary>Watches open at a time on this member.</summary>
    public int MaxWatches { get; init; } = 20_000;

    /// <summary>Silence after which watches of etcd's clients that asked for it are told how far they have come.</summary>
    public TimeSpan WatchProgressNotifyInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the token of a login lasts after its last use.</summary>
    public TimeSpan AuthTokenTtl { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>File that tells who changed users, rights and the cluster, who logged in and what was denied; empty for none.</summary>
    public string AuditLog { get; init; } = "";

    /// <summary>Other writes are told of, too.</summary>
    public bool AuditWrites { get; init; }

    /// <summary>Cost of hashing a password. No flag: less would be a mistake, and more is a new release.</summary>
    internal int PasswordIterations { get; init; } = PasswordHasher.IterationsDefault;

    /// <summary>Requests at a time on one HTTP/2 connection; those of gRPC that wait (watches, locks) count too.</summary>
    public int MaxConcurrentStreams { get; init; } = 10_000;

    /// <summary>How long a stop may take before connections are cut; the data is safe either way.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(8);
}

/// <summary>One of the first members as given in `--initial-cluster`.</summary>
public sealed record InitialMember(string Name, IReadOnlyList<Uri> PeerUrls);

/// <summary>Whether the first start makes a cluster or joins one.</summary>
public enum InitialClusterState : byte
{
    New = 0,
    Existing = 1,
}

/// <summary>How log lines look.</summary>
public enum LogFormat : byte
{
    /// <summary>Text on a terminal, JSON lines otherwise.</summary>
    Auto = 0,
    Json = 1,
    Text = 2,
}
