using RestKv.Api.Hosting;
using RestKv.Api.Telemetry;

namespace RestKv.Api.Http;

/// <summary>What endpoints work with: one object made at start, so that no request asks the container for anything.</summary>
internal sealed class ApiServices(
    INode node,
    NodeMetrics metrics,
    IWatchOpener watches,
    NodeOptions options,
    TimeProvider time,
    Departure departure,
    IAuthSource auth)
{
    public INode Node { get; } = node;

    public IAuthSource Auth { get; } = auth;

    public NodeMetrics Metrics { get; } = metrics;

    public IWatchOpener Watches { get; } = watches;

    public NodeOptions Options { get; } = options;

    public HttpLimits Limits { get; } = HttpLimits.From(options);

    public TimeProvider Time { get; } = time;

    public Departure Departure { get; } = departure;

    public InFlightKeys InFlight { get; } = new();

    /// <summary>Listings of whole ranges run at most this many at a time; the next ones wait in line.</summary>
    public SemaphoreSlim WholeRangeScans { get; } = new(HttpLimits.WholeRangeScansMax);
}
