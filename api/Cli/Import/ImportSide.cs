namespace RestKv.Api.Cli.Import;

/// <summary>One of the two stores of an import: where its members are, and as whom they are asked.</summary>
internal sealed record ImportSide
{
    /// <summary>How it is called in what people read: source or target.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<Uri> Endpoints { get; init; }

    public string TrustedCaFile { get; init; } = "";

    public string CertFile { get; init; } = "";

    public string KeyFile { get; init; } = "";

    /// <summary>"" for nobody.</summary>
    public string User { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>A token that was made before; it is not renewed.</summary>
    public string Token { get; init; } = "";
}
