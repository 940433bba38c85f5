using System.Globalization;
using System.Text.Json;

namespace RestKv.Cluster.Tests.Support;

/// <summary>A watch over all keys that notes what it is told and where it would resume.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private EventStream(HttpResponseMessage response, StreamReader lines) => (_response, _lines) = (response, lines);

    /// <summary>Puts in order of arrival.</summary>
    public List<(string Key, long Revision)> Puts { get; } = [];

    public long LastId { get; private set; } = -1;

    public static async Task<EventStream> OpenAsync(ClusterMember member, string prefix, long resumeAfter = -1)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/watch?prefix={prefix}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (resumeAfter >= 0)
        {
            request.Headers.Add("Last-Event-ID", resumeAfter.ToString(CultureInfo.InvariantCulture));
        }

        var response = await member.Patient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode, response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync());
        var stream = new EventStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        Assert.Equal("open", await stream.ReadEventAsync());
        return stream;
    }

    /// <summary>Reads until so many puts came in all; false when the stream ended before.</summary>
    public async Task<bool> ReadPutsAsync(int count)
    {
        using var deadline = new CancellationTokenSource(Testing.Eventually.Deadline);
        try
        {
            while (Puts.Count < count && await ReadEventAsync(deadline.Token) is { } name && name != "closing")
            {
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            // Its member was killed.
        }

        return Puts.Count >= count;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }

    /// <summary>The name of the next event; null at the end.</summary>
    private async Task<string?> ReadEventAsync(CancellationToken cancellationToken = default)
    {
        string? name = null;
        var data = "";
        while (await _lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0 && name is not null)
            {
                Note(name, data);
                return name;
            }

            name = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : name;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : data;
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                LastId = long.Parse(line["id: ".Length..], CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    private void Note(string name, string data)
    {
        if (name == "put")
        {
            using var json = JsonDocument.Parse(data);
            Puts.Add((json.RootElement.GetProperty("key").GetString()!, json.RootElement.GetProperty("modRev").GetInt64()));
        }
    }
}
