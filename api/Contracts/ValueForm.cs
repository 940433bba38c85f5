namespace RestKv.Api.Contracts;

/// <summary>How values show in JSON; the order is that of the `values` parameter.</summary>
internal enum ValueForm : byte
{
    /// <summary>A string, or base64 when the bytes are not UTF-8.</summary>
    Text = 0,

    /// <summary>Embedded where the value is JSON, else as text.</summary>
    Json = 1,
    Base64 = 2,
    None = 3,
}
