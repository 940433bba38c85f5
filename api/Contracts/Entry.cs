using System.Text.Json;

namespace RestKv.Api.Contracts;

/// <summary>One version of one key. Exactly one of key and keyBase64 is there, and at most one of value, base64 and json.</summary>
internal sealed record Entry
{
    /// <summary>The key, when it is valid UTF-8.</summary>
    public string? Key { get; init; }

    /// <summary>Any other key, as standard base64.</summary>
    public string? KeyBase64 { get; init; }

    /// <summary>The value, when it is valid UTF-8.</summary>
    public string? Value { get; init; }

    /// <summary>Any other value, as standard base64.</summary>
    public string? Base64 { get; init; }

    /// <summary>The value embedded, when `values=json` was asked for and it parses.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>Revision of this version.</summary>
    public required long ModRev { get; init; }

    /// <summary>Revision of the put that created the key.</summary>
    public required long CreateRev { get; init; }

    /// <summary>1 at creation, one more with every put.</summary>
    public required long Version { get; init; }

    /// <summary>The leader's clock when it was written.</summary>
    public DateTimeOffset? ModAt { get; init; }

    /// <summary>Who wrote it, when somebody was logged in.</summary>
    public string? ModBy { get; init; }

    /// <summary>The lease the key is attached to, in hexadecimal.</summary>
    public string? Lease { get; init; }

    /// <summary>Seconds until the lease runs out.</summary>
    public long? Ttl { get; init; }
}
