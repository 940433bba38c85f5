using System.Globalization;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>One connection of a watch, event by event. What was cut off in the middle of an event is not shown.</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;
    private readonly CancellationTokenSource _idle;

    private EventReader(HttpResponseMessage response, StreamReader lines, CancellationTokenSource idle) =>
        (_response, _lines, _idle) = (response, lines, idle);

    /// <param name="from">First revision wanted; 0 for "from now on".</param>
    /// <param name="resumeAfter">The last id seen, or -1.</param>
    public static async Task<EventReader> OpenAsync(
        ClusterMember member, string prefix, long from, long resumeAfter, bool withPrevious, CancellationToken stop)
    {
        var idle = CancellationTokenSource.CreateLinkedTokenSource(stop);
        HttpResponseMessage? response = null;
        try
        {
            idle.CancelAfter(Patience);
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                $"/v1/watch?prefix={prefix}&progress=1s&heartbeat=1s{(withPrevious ? "&prev=true" : "")}"
                    + (from > 0 ? string.Create(CultureInfo.InvariantCulture, $"&from={from}") : ""));
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (resumeAfter >= 0)
            {
                request.Headers.Add("Last-Event-ID", resumeAfter.ToString(CultureInfo.InvariantCulture));
            }

            response = await member.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, idle.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new HttpRequestException($"{member.Name}: {await response.Content.ReadAsStringAsync(idle.Token)}", null, response.StatusCode);
            }

            return new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync(idle.Token)), idle);
        }
        catch
        {
            response?.Dispose();
            idle.Dispose();
            throw;
        }
    }

    /// <summary>Null at the end of the stream. A stream on which nothing comes, not even a sign of life, is cancelled.</summary>
    public async Task<StreamEvent?> ReadAsync()
    {
        var (name, data, id) = ("", "", -1L);
        _idle.CancelAfter(Patience);
        while (await _lines.ReadLineAsync(_idle.Token) is { } line)
        {
            _idle.CancelAfter(Patience);
            if (line.Length == 0 && name.Length > 0)
            {
                using var json = JsonDocument.Parse(data);
                return new StreamEvent(name, id, data, json.RootElement.Clone());
            }

            name = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : name;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : data;
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? long.Parse(line["id: ".Length..], CultureInfo.InvariantCulture) : id;
        }

        return null;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
        _idle.Dispose();
    }
}

/// <summary>An event as it came.</summary>
/// <param name="Id">-1 when it had none.</param>
internal sealed record StreamEvent(string Name, long Id, string Data, JsonElement Json)
{
    public bool IsChange => Name is "put" or "delete";
}
