using System.Net;

namespace RestKv.Api.Hosting.Options;

/// <summary>Defaults that depend on the machine or on other options.</summary>
internal sealed class OptionDefaults(string hostName, long memoryLimitBytes)
{
    /// <summary>The options before anybody said anything.</summary>
    public static NodeOptions Start() => new() { QuotaBackendBytes = 0 };

    /// <param name="isGiven">Whether somebody set the option.</param>
    public NodeOptions Complete(NodeOptions options, Func<OptionDefinition, bool> isGiven)
    {
        bool IsGiven(string property) => isGiven(OptionCatalog.OfProperty(property));

        if (options.QuotaBackendBytes == 0)
        {
            options = options with { QuotaBackendBytes = memoryLimitBytes / 2 };
        }

        if (options.CertFile.Length > 0 && !IsGiven(nameof(NodeOptions.ListenClientUrls)))
        {
            options = options with { ListenClientUrls = [new Uri($"https://127.0.0.1:{NodeOptions.ClientPort}")] };
        }

        if (options.PeerCertFile.Length > 0 && !IsGiven(nameof(NodeOptions.ListenPeerUrls)))
        {
            options = options with { ListenPeerUrls = [new Uri($"https://127.0.0.1:{NodeOptions.PeerPort}")] };
        }

        if (!IsGiven(nameof(NodeOptions.AdvertiseClientUrls)))
        {
            options = options with { AdvertiseClientUrls = Advertise(options.ListenClientUrls) };
        }

        if (!IsGiven(nameof(NodeOptions.InitialAdvertisePeerUrls)))
        {
            var listed = IsGiven(nameof(NodeOptions.InitialCluster))
                ? options.InitialCluster.FirstOrDefault(member => member.Name == options.Name)
                : null;
            options = options with { InitialAdvertisePeerUrls = listed?.PeerUrls ?? Advertise(options.ListenPeerUrls) };
        }

        return IsGiven(nameof(NodeOptions.InitialCluster))
            ? options
            : options with { InitialCluster = [new InitialMember(options.Name, options.InitialAdvertisePeerUrls)] };
    }

    /// <summary>Nobody can connect to "any address": there the host name stands in.</summary>
    private Uri[] Advertise(IReadOnlyList<Uri> listening) =>
        [.. listening.Select(url => IsWildcard(url) ? new UriBuilder(url) { Host = hostName }.Uri : url)];

    internal static bool IsWildcard(Uri url) =>
        IPAddress.TryParse(url.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
}
