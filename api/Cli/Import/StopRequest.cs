namespace RestKv.Api.Cli.Import;

/// <summary>Whether somebody asked to cut over. Asked from any thread, once for all.</summary>
internal sealed class StopRequest
{
    private volatile bool _isAsked;

    public bool IsAsked => _isAsked;

    public void Ask() => _isAsked = true;
}
