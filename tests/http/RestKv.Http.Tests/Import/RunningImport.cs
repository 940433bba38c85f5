using RestKv.Api.Cli.Import;
using RestKv.Testing;

namespace RestKv.Http.Tests.Import;

/// <summary>An import under way, and what it says.</summary>
internal sealed class RunningImport : IAsyncDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _notes = new();
    private readonly StopRequest _stop = new();
    private readonly CancellationTokenSource _cancel = new(Eventually.StartDeadline);
    private readonly Task<int> _run;

    public RunningImport(ImportOptions options)
    {
        if (options.Mode == ImportMode.Once)
        {
            _stop.Ask();
        }

        _run = RunAsync(options);
    }

    public string Output => Text(_output);

    public string Notes => Text(_notes);

    /// <summary>Waits until the copy is done and changes are followed.</summary>
    public Task UntilFollowingAsync() => UntilSaysAsync("following: ");

    public Task UntilSaysAsync(string text) => Eventually.TrueAsync(
        () => _run.IsCompleted || Notes.Contains(text, StringComparison.Ordinal), $"the import says {text}", () => Notes);

    /// <summary>As a first signal does.</summary>
    public Task<int> CutOverAsync()
    {
        _stop.Ask();
        return EndAsync();
    }

    public Task<int> EndAsync() => _run.WaitAsync(Eventually.StartDeadline);

    public static async Task<(int Code, string Output, string Notes)> ToEndAsync(ImportOptions options)
    {
        await using var run = new RunningImport(options);
        var code = await run.EndAsync();
        return (code, run.Output, run.Notes);
    }

    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        await ((Task)_run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _cancel.Dispose();
    }

    private static string Text(StringWriter writer)
    {
        lock (writer)
        {
            return writer.ToString();
        }
    }

    private async Task<int> RunAsync(ImportOptions options)
    {
        await Task.Yield();
        var report = new ImportReport(new LockedWriter(_output), new LockedWriter(_notes), TimeProvider.System);
        try
        {
            using var import = new ImportRun(options, report, TimeProvider.System);
            return await import.RunAsync(_stop, _cancel.Token);
        }
        catch (ImportFailure failure)
        {
            report.Say(failure.Message);
            return failure.ExitCode;
        }
    }
}
