using System.Diagnostics.CodeAnalysis;
using RestKv.Api.Hosting;

namespace RestKv.Api.Security;

/// <summary>Where one side of a member (clients or peers) has its certificate and those it trusts, and what it must be good for.</summary>
/// <param name="Listener">`client` or `peer`: the label of metrics and log lines.</param>
/// <param name="Prefix">Of the options' names, so that a text names the right one.</param>
/// <param name="CertFile">Leaf first, then intermediates.</param>
/// <param name="TrustedCaFile">Empty when nobody is asked for a certificate.</param>
/// <param name="RequiresClient">False to take clients without a certificate, too.</param>
/// <param name="Names">Hosts under which this member is told to others.</param>
internal sealed record TlsFiles(
    string Listener, string Prefix, string CertFile, string KeyFile, string TrustedCaFile, bool RequiresClient, IReadOnlyList<string> Names)
{
    /// <summary>More than any bundle of certificates has.</summary>
    private const int BytesMax = 4 << 20;

    /// <summary>Peers are servers and clients of each other, with one certificate.</summary>
    public bool IsForPeers => Prefix.Length > 0;

    public string CertOption => $"{Prefix}cert-file {CertFile}";

    public string KeyOption => $"{Prefix}key-file {KeyFile}";

    public string CaOption => $"{Prefix}trusted-ca-file {TrustedCaFile}";

    /// <summary>Null when clients are served in the clear.</summary>
    public static TlsFiles? OfClients(NodeOptions options) => options.CertFile.Length == 0
        ? null
        : new TlsFiles(
            "client", "", options.CertFile, options.KeyFile, options.TrustedCaFile, options.ClientCertAuth,
            HostsOf(options.AdvertiseClientUrls));

    /// <summary>Null when peers talk in the clear.</summary>
    public static TlsFiles? OfPeers(NodeOptions options) => options.PeerCertFile.Length == 0
        ? null
        : new TlsFiles(
            "peer", "peer-", options.PeerCertFile, options.PeerKeyFile, options.PeerTrustedCaFile, options.PeerClientCertAuth,
            HostsOf(options.InitialAdvertisePeerUrls));

    /// <summary>All files, one after the other: what is compared to see whether one was renewed.</summary>
    public TlsFileContents Read() => new(
        ReadFile(CertOption, CertFile),
        ReadFile(KeyOption, KeyFile),
        TrustedCaFile.Length == 0 ? [] : ReadFile(CaOption, TrustedCaFile));

    /// <summary>Folders to watch: renewing tools replace files, or links to folders.</summary>
    public IEnumerable<string> Folders() =>
        new[] { CertFile, KeyFile, TrustedCaFile }.Where(file => file.Length > 0)
            .Select(file => Path.GetDirectoryName(file)!).Distinct(StringComparer.Ordinal);

    [SuppressMessage(
        "ApiDesign", "RS0030:Do not use banned APIs", Justification = "Only read, and nothing durable depends on it.")]
    private static byte[] ReadFile(string option, string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > BytesMax }
                ? throw new IOException("is larger than 4 MiB")
                : File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TlsConfigurationException($"{option}: {failure.Message}");
        }
    }

    private static string[] HostsOf(IReadOnlyList<Uri> urls) => [.. urls.Select(url => url.DnsSafeHost).Distinct(StringComparer.Ordinal)];
}

/// <summary>What the files held at one moment.</summary>
internal sealed record TlsFileContents(byte[] Certificate, byte[] Key, byte[] Authorities)
{
    public bool IsSameAs(TlsFileContents other) =>
        Certificate.AsSpan().SequenceEqual(other.Certificate) && Key.AsSpan().SequenceEqual(other.Key)
        && Authorities.AsSpan().SequenceEqual(other.Authorities);
}
