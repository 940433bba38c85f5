using System.Net;
using System.Text.Json;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// A client as the contract wants it, for tests that are about something else than refusals: an election may run at any moment
/// on a machine that stands still now and then. Reads and writes of keys have a minute instead of five seconds, and what was
/// refused because nobody led is asked again. A write whose outcome is unknown is repeated under its idempotency key, if it has
/// one. Probes are answered as they are.
/// </summary>
/// <param name="givesKeys">Every write of a key gets an idempotency key.</param>
internal sealed class PatientHandler(HttpMessageHandler inner, bool givesKeys) : DelegatingHandler(inner)
{
    private const string KeyHeader = "Idempotency-Key";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isRead = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;
        if (IsOfKeys(request))
        {
            GiveTime(request);
            if (givesKeys && !isRead && !request.Headers.Contains(KeyHeader))
            {
                request.Headers.Add(KeyHeader, Guid.NewGuid().ToString("n"));
            }
        }

        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
                || !request.RequestUri!.AbsolutePath.StartsWith("/v1/", StringComparison.Ordinal)
                || !(isRead || request.Headers.Contains(KeyHeader) || await IsNotAppliedAsync(response, cancellationToken)))
            {
                return response;
            }

            response.Dispose();
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>None that streams.</summary>
    private static bool IsOfKeys(HttpRequestMessage request) =>
        (request.RequestUri!.AbsolutePath is "/v1/kv" or "/v1/txn"
            || request.RequestUri.AbsolutePath.StartsWith("/v1/kv/", StringComparison.Ordinal))
        && !request.Headers.Accept.ToString().Contains("event-stream", StringComparison.Ordinal);

    private static void GiveTime(HttpRequestMessage request)
    {
        var address = new UriBuilder(request.RequestUri!);
        if (!address.Query.Contains("timeout=", StringComparison.Ordinal))
        {
            address.Query = address.Query.Length > 1 ? $"{address.Query}&timeout=60s" : "timeout=60s";
            request.RequestUri = address.Uri;
        }
    }

    private static async Task<bool> IsNotAppliedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return problem.RootElement.TryGetProperty("outcome", out var outcome) && outcome.GetString() == "not-applied";
    }
}
