using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RestKv.Api.Peers;

/// <summary>Asks members what is not consensus: one connection a question, for it is asked rarely and by people.</summary>
internal sealed class PeerClient(PeerSecurity security)
{
    /// <summary>Null when the member does not answer in time, or not with what was asked for.</summary>
    public async Task<(T Answer, TimeSpan Took)?> GetAsync<T>(
        Uri member, string path, JsonTypeInfo<T> type, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class
    {
        var began = Stopwatch.GetTimestamp();
        var answer = await SendAsync(
            member,
            path,
            HttpMethod.Get,
            timeout,
            async (response, stop) => response.IsSuccessStatusCode
                ? await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(stop), type, stop)
                : null,
            cancellationToken);
        return answer is null ? null : (answer, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Whether the member agreed.</summary>
    public async Task<bool> PostAsync(Uri member, string path, TimeSpan timeout, CancellationToken cancellationToken) =>
        await SendAsync(
            member,
            path,
            HttpMethod.Post,
            timeout,
            (response, _) => Task.FromResult(response.IsSuccessStatusCode ? "yes" : null),
            cancellationToken) is not null;

    private async Task<T?> SendAsync<T>(
        Uri member, string path, HttpMethod method, TimeSpan timeout, Func<HttpResponseMessage, CancellationToken, Task<T?>> read,
        CancellationToken cancellationToken)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        using var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        security.ProtectCaller(handler, member);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(method, new Uri(member, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        try
        {
            using var response = await invoker.SendAsync(request, patience.Token);
            return await read(response, patience.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
