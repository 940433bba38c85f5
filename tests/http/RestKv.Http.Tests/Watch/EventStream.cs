using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using RestKv.Testing;

namespace RestKv.Http.Tests.Watch;

/// <summary>A watch over HTTP, read by the framework's own parser: an opinion independent of the writer's.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private EventStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync().GetAsyncEnumerator();
    }

    public HttpResponseMessage Response => _response;

    /// <summary>What a client would send as Last-Event-ID.</summary>
    public string LastId => _parser.LastEventId;

    public TimeSpan Retry => _parser.ReconnectionInterval;

    public static async Task<EventStream> OpenAsync(HttpClient client, string target, string? lastId = null, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, target) { Content = body };
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        return new EventStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<StreamEvent?> NextAsync()
    {
        if (!await _items.MoveNextAsync().AsTask().WaitAsync(Eventually.Deadline))
        {
            return null;
        }

        var item = _items.Current;
        return new StreamEvent(item.EventType, JsonDocument.Parse(item.Data).RootElement, item.EventId);
    }

    /// <summary>The next event, which must have that name.</summary>
    public async Task<StreamEvent> NextAsync(string name)
    {
        var item = await NextAsync();
        Assert.Equal(name, item?.Name);
        return item!;
    }

    /// <summary>The next put or delete, whatever else comes before.</summary>
    public async Task<StreamEvent> NextChangeAsync()
    {
        while (await NextAsync() is { } item)
        {
            if (item.Name is "put" or "delete")
            {
                return item;
            }
        }

        throw new IOException("the stream ended");
    }

    public async ValueTask DisposeAsync()
    {
        // The response first: it ends a read that is under way.
        _response.Dispose();
        try
        {
            await _items.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // A read that was given up holds the enumerator; nobody waits for it any more.
        }
    }
}

/// <param name="Id">Null when the event had none of its own.</param>
internal sealed record StreamEvent(string Name, JsonElement Data, string? Id)
{
    public string? Key => Data.GetProperty("key").GetString();

    public long Revision => Data.GetProperty(Name is "put" or "delete" ? "modRev" : "rev").GetInt64();
}
